using System.Collections.Concurrent;
using Tarn.Core.Identity;

namespace Tarn.Server.Federation;

/// <summary>
/// What is fetched of issuers and kept in memory, once for all organizations that fetch it from the same place. It is fetched when it is an hour old, which nobody waits for, and when
/// what somebody looks for is not in it; each issuer at most once in ten seconds, whatever is looked for.
/// </summary>
/// <param name="fetch">Fetches it; any exception means that it cannot be had.</param>
/// <param name="unavailable">Called with the exception.</param>
/// <param name="time">The clock.</param>
internal sealed class IssuerFacts<T>(Func<OidcIssuer, Task<T>> fetch, Action<OidcIssuer, Exception> unavailable, TimeProvider time)
    where T : class
{
    /// <summary>The shortest time between two fetches.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(10);

    /// <summary>The age at which it is fetched again.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>The age up to which it is used while its issuer cannot be reached.</summary>
    public static readonly TimeSpan Usable = TimeSpan.FromHours(24);

    private const int MaxKept = 1000;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>Finds something in what is kept of an issuer, or else in what is fetched.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="select">Finds it; null when it is not there.</param>
    /// <param name="cancellationToken">Ends the wait, but not the fetch that others wait for too.</param>
    /// <returns>Whether the issuer could be asked, and what was found: null when the issuer has no such thing.</returns>
    public async ValueTask<(bool IsKnown, TResult? Found)> FindAsync<TResult>(OidcIssuer issuer, Func<T, TResult?> select, CancellationToken cancellationToken)
        where TResult : class
    {
        if (_kept.Count >= MaxKept)
        {
            _kept.Clear();
        }

        Kept kept = _kept.GetOrAdd(SourceOf(issuer), static _ => new Kept());
        DateTimeOffset now = time.GetUtcNow();
        Fetched? known = kept.Fetched is { } old && now - old.At < Usable ? old : null;
        TResult? found = known is null ? null : select(known.Value);
        if (found is not null && now - known!.At < Fresh)
        {
            return (true, found);
        }

        Task<T?>? fetching;
        lock (kept)
        {
            if (kept.Fetch is null && (kept.Tried is not { } tried || now - tried >= MinInterval))
            {
                kept.Tried = now;
                kept.Fetch = FetchAsync(issuer, kept);
            }

            fetching = kept.Fetch;
        }

        if (found is not null)
        {
            // The fetch goes on behind it: an issuer that is slow or down delays nobody whose fact is known.
            return (true, found);
        }

        return fetching is not null && await fetching.WaitAsync(cancellationToken) is { } fetched ? (true, select(fetched)) : (false, null);
    }

    /// <summary>Where it comes from: URLs and hosts have no control characters.</summary>
    private static string SourceOf(OidcIssuer issuer) => string.Join('\n', [issuer.Url, issuer.JwksUrl ?? "", .. issuer.Hosts]);

    /// <summary>Fetches for everybody who waits; null on failure, whatever has made it fail: what was fetched before stays.</summary>
    private async Task<T?> FetchAsync(OidcIssuer issuer, Kept kept)
    {
        // What follows must not run under the caller's lock.
        await Task.Yield();
        try
        {
            T value = await fetch(issuer);
            kept.Fetched = new Fetched(value, time.GetUtcNow());
            return value;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            unavailable(issuer, e);
            return null;
        }
        finally
        {
            lock (kept)
            {
                kept.Fetch = null;
            }
        }
    }

    private sealed record Fetched(T Value, DateTimeOffset At);

    /// <summary>What is kept of one issuer. Its lock guards the fetch.</summary>
    private sealed class Kept
    {
        public volatile Fetched? Fetched;

        public Task<T?>? Fetch { get; set; }

        public DateTimeOffset? Tried { get; set; }
    }
}
