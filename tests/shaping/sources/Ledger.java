package org.example.ledger;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A book of accounts to which entries are only ever added. */
public final class Ledger {
    private static final int DIGITS = 2;
    private static final Map<String, String> SIGNS = Map.of(
            "EUR", "€",
            "GBP", "£",
            "USD", "$");

    private final List<Entry> entries = new ArrayList<>();
    private final String currency;

    public Ledger(String currency) {
        this.currency = Objects.requireNonNull(currency, "currency");
    }

    /** One booking; a negative amount takes money from the account. */
    public record Entry(LocalDate day, String account, BigDecimal amount, String note) {
        public Entry {
            if (amount.signum() == 0) {
                throw new IllegalArgumentException("an entry of nothing: " + note);
            }
        }
    }

    public void book(String account, BigDecimal amount, String note) {
        Entry entry = new Entry(LocalDate.now(), account, amount, note);
        entries.add(entry);
    }

    public BigDecimal balance(String account) {
        return entries.stream()
                .filter(entry -> entry.account().equals(account))
                .map(Entry::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .setScale(DIGITS, RoundingMode.HALF_EVEN);
    }

    public Map<String, BigDecimal> balances() {
        return entries.stream()
                .map(Entry::account)
                .distinct()
                .collect(Collectors.toMap(account -> account, this::balance));
    }

    public List<Entry> since(LocalDate day) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (!entry.day().isBefore(day)) {
                found.add(entry);
            }
        }
        found.sort(Comparator.comparing(Entry::day).thenComparing(Entry::account));
        return found;
    }

    public void transfer(String from, String to, BigDecimal amount) {
        if (amount.signum() <= 0) {
            throw new IllegalArgumentException("amount must be positive (was " + amount + ")");
        }
        String note = String.format("%s -> %s", from, to);
        book(from, amount.negate(), note);
        book(to, amount, note);
    }

    public String describe(Entry entry) {
        String sign = SIGNS.getOrDefault(currency, currency);
        String kind = switch (entry.amount().signum()) {
            case -1 -> "out";
            case 1 -> "in";
            default -> throw new IllegalStateException("an entry of nothing");
        };
        return "%s %-3s %s%s".formatted(entry.day(), kind, entry.amount().abs(), sign);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Ledger in ").append(currency).append('\n');
        // One line for each account, in the order of its name.
        balances().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(each -> text.append(each.getKey()).append(": ").append(each.getValue()).append('\n'));
        return text.toString();
    }
}
