import React, { useCallback, useEffect, useMemo, useState } from "react";
import { fetchCards, type Card } from "./api";
import "./board.css";

interface Props {
  team: string;
  onSelect?: (card: Card) => void;
}

const COLUMNS = ["open", "doing", "done"] as const;
type Column = (typeof COLUMNS)[number];

function byAge(a: Card, b: Card): number {
  return a.createdAt.getTime() - b.createdAt.getTime();
}

export function Board({ team, onSelect }: Props) {
  const [cards, setCards] = useState<Card[]>([]);
  const [query, setQuery] = useState("");
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    let ignore = false;
    fetchCards(team)
      .then((found) => {
        if (!ignore) setCards(found.sort(byAge));
      })
      .catch((reason) => setError(String(reason)));
    return () => {
      ignore = true;
    };
  }, [team]);

  const visible = useMemo(
    () => cards.filter((card) => card.title.toLowerCase().includes(query.toLowerCase())),
    [cards, query],
  );

  const handleDrop = useCallback((id: string, column: Column) => {
    setCards((before) => before.map((card) => (card.id === id ? { ...card, column } : card)));
  }, []);

  if (error) {
    return (
      <p className="board__error" role="alert">
        Could not load the cards of {team}: {error}
      </p>
    );
  }

  return (
    <section className="board">
      <header>
        <h1>Cards of {team}</h1>
        <input
          type="search"
          value={query}
          placeholder="Find a card (title only)"
          onChange={(event) => setQuery(event.target.value)}
        />
      </header>
      {COLUMNS.map((column) => (
        <ul key={column} aria-label={column}>
          {visible
            .filter((card) => card.column === column)
            .map((card) => (
              <li key={card.id} draggable onClick={() => onSelect?.(card)}>
                <strong>{card.title}</strong>
                <span className="board__age">{age(card.createdAt)}</span>
              </li>
            ))}
        </ul>
      ))}
      <footer>
        {/* The button is for those who cannot drag. */}
        <button type="button" onClick={() => handleDrop(visible[0].id, "done")}>
          Finish the oldest
        </button>
      </footer>
    </section>
  );
}

function age(since: Date): string {
  const days = Math.floor((Date.now() - since.getTime()) / 86_400_000);
  if (days === 0) return "today";
  return days === 1 ? "yesterday" : `${days} days ago`;
}
