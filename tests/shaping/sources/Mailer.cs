using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;

namespace Example.Mail;

/// <summary>Sends letters, one after the other, and tells how it went.</summary>
public sealed class Mailer : IAsyncDisposable
{
    private static readonly Dictionary<string, int> Limits = new()
    {
        ["free"] = 10,
        ["team"] = 100,
        ["firm"] = 1000,
    };

    private readonly IClient _client;
    private readonly ILogger<Mailer> _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);

    public Mailer(IClient client, ILogger<Mailer> logger)
    {
        _client = client ?? throw new ArgumentNullException(nameof(client));
        _logger = logger;
    }

    public event EventHandler<SentEventArgs>? Sent;

    public int Count { get; private set; }

    public async Task<bool> SendAsync(Letter letter, CancellationToken token = default)
    {
        await _gate.WaitAsync(token);
        try
        {
            if (Count >= LimitOf(letter.Plan))
            {
                _logger.LogWarning("limit of {Plan} is reached ({Count})", letter.Plan, Count);
                return false;
            }
            await _client.DeliverAsync(letter.To, letter.Subject, letter.Body, token);
            Count++;
            Sent?.Invoke(this, new SentEventArgs(letter.To));
            return true;
        }
        catch (TimeoutException error)
        {
            _logger.LogError(error, "no answer from the server");
            return false;
        }
        finally
        {
            _gate.Release();
        }
    }

    public static string Describe(Letter letter) => letter switch
    {
        { Body.Length: 0 } => "an empty letter",
        { Attachments.Count: > 0 } => $"a letter with {letter.Attachments.Count} files",
        _ => $"a letter to {letter.To}",
    };

    public IReadOnlyList<string> Recipients(IEnumerable<Letter> letters)
    {
        // Everybody is named once, in the order of the alphabet.
        return letters
            .Where(letter => !string.IsNullOrWhiteSpace(letter.To))
            .Select(letter => letter.To.Trim().ToLowerInvariant())
            .Distinct()
            .OrderBy(name => name)
            .ToList();
    }

    private static int LimitOf(string plan)
    {
        if (Limits.TryGetValue(plan, out var limit))
        {
            return limit;
        }
        throw new KeyNotFoundException($"no plan is called \"{plan}\"");
    }

    [Obsolete("Use SendAsync.")]
    public bool Send(Letter letter)
    {
        return SendAsync(letter).GetAwaiter().GetResult();
    }

    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await _client.DisposeAsync();
    }
}
