using System.Net;
using System.Net.Sockets;

namespace Tarn.Server.Control.Tarn;

/// <summary>What somebody signs in to the console with.</summary>
internal enum SignInKind
{
    /// <summary>An access key and its secret, which may be one that people think of.</summary>
    Key,

    /// <summary>A token, which nobody guesses: what is limited is the work.</summary>
    Token,

    /// <summary>An issuer, which is asked for each answer that is said to be of it.</summary>
    Issuer,
}

/// <summary>
/// Limits failed attempts to sign in: by a key from an address, from an address, and by a key from everywhere; tokens and issuers have limits of their own, so that none is used up for another. An attempt
/// counts when it begins, so that many at a time do not pass together, and no longer once it has succeeded. Whoever knows the id of a key can use up what it has from everywhere, and whoever is behind the same
/// address as others what that has, for as long as they go on: neither counts for a key from an address from which it signed in before. That has a limit of its own, which nobody else uses up but who is behind that
/// address and knows the key. What is remembered is in memory, and bounded: of the most that fits, what would be forgotten first goes. The limiters of System.Threading.RateLimiting by name keep one for each
/// name until it has not been used for a while, however many there are, and take nothing back. Thread-safe.
/// </summary>
internal sealed class SignInLimits(TimeProvider time)
{
    /// <summary>Attempts of a key from an address: this many at once.</summary>
    public const int OfPair = 10;

    /// <summary>Attempts of a key from an address from which it signed in before: this many at once.</summary>
    public const int OfKnown = 30;

    /// <summary>Attempts with keys from an address, whatever the keys: this many at once.</summary>
    public const int OfAddress = 60;

    /// <summary>Attempts of a key from anywhere: this many at once.</summary>
    public const int OfKey = 300;

    /// <summary>Attempts with tokens from an address: this many at once.</summary>
    public const int OfTokens = 600;

    /// <summary>Attempts with issuers from an address: this many at once.</summary>
    public const int OfIssuers = 120;

    /// <summary>The most names that each limit remembers.</summary>
    public const int MaxRemembered = 10_000;

    /// <summary>How many limits there are, with who signed in before.</summary>
    public const int Tables = 7;

    /// <summary>How long an address stays known after a key has signed in from it.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly long _origin = time.GetTimestamp();
    private readonly Table _pairs = new(TimeSpan.FromMinutes(1), OfPair);
    private readonly Table _knownPairs = new(TimeSpan.FromSeconds(20), OfKnown);
    private readonly Table _addresses = new(TimeSpan.FromSeconds(10), OfAddress);
    private readonly Table _keys = new(TimeSpan.FromSeconds(5), OfKey);
    private readonly Table _tokens = new(TimeSpan.FromSeconds(0.1), OfTokens);
    private readonly Table _issuers = new(TimeSpan.FromSeconds(1), OfIssuers);
    private readonly Table _known = new(KnownFor, 1);

    /// <summary>How many names are remembered together.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return ((Table[])[_pairs, _knownPairs, _addresses, _keys, _tokens, _issuers, _known]).Sum(static table => table.Count);
            }
        }
    }

    /// <summary>Counts an attempt that begins, if it may.</summary>
    /// <param name="kind">What with.</param>
    /// <param name="key">The access key id; null for others.</param>
    /// <param name="address">From where; null: unknown.</param>
    public SignInAttempt Begin(SignInKind kind, string? key, IPAddress? address)
    {
        string from = NameOf(address);

        // No address has a line break.
        string? pair = key is null ? null : $"{from}\n{key}";
        lock (_gate)
        {
            TimeSpan now = Now;
            (Table Table, string Name)[] counted = kind switch
            {
                SignInKind.Token => [(_tokens, from)],
                SignInKind.Issuer => [(_issuers, from)],
                _ when pair is null || key is null => throw new ArgumentNullException(nameof(key)),
                _ when !_known.IsFreeAt(now, pair) => [(_knownPairs, pair)],
                _ => [(_pairs, pair), (_addresses, from), (_keys, key)],
            };
            TimeSpan wait = counted.Max(one => one.Table.WaitAt(now, one.Name));
            if (wait > TimeSpan.Zero)
            {
                return new SignInAttempt(TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)), static _ => { });
            }

            foreach ((Table table, string name) in counted)
            {
                table.Add(now, name);
            }

            return new SignInAttempt(null, hasSucceeded => End(counted, hasSucceeded ? pair : null));
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_origin);

    private void End((Table Table, string Name)[] counted, string? known)
    {
        lock (_gate)
        {
            foreach ((Table table, string name) in counted)
            {
                table.TakeBack(name);
            }

            if (known is not null)
            {
                _known.Set(Now, known);
            }
        }
    }

    /// <summary>One subscriber's addresses are one: of IPv6 the first 64 bits. Source: RFC 6177.</summary>
    private static string NameOf(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return address?.MapToIPv4().ToString() ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>
    /// For each name the time at which all of its attempts are forgiven: one more each <paramref name="interval"/>. Source: ITU-T I.371, generic cell rate algorithm.
    /// </summary>
    /// <param name="interval">The time in which one attempt is forgiven.</param>
    /// <param name="burst">The number of attempts at once.</param>
    private sealed class Table(TimeSpan interval, int burst)
    {
        private readonly Dictionary<string, TimeSpan> _forgiven = new(StringComparer.Ordinal);

        public int Count => _forgiven.Count;

        public bool IsFreeAt(TimeSpan now, string name) => _forgiven.GetValueOrDefault(name) <= now;

        /// <summary>How long it takes until another attempt is allowed.</summary>
        public TimeSpan WaitAt(TimeSpan now, string name) => Max(_forgiven.GetValueOrDefault(name) - now - ((burst - 1) * interval), TimeSpan.Zero);

        public void Add(TimeSpan now, string name)
        {
            Trim(now);
            _forgiven[name] = Max(_forgiven.GetValueOrDefault(name), now) + interval;
        }

        public void Set(TimeSpan now, string name)
        {
            Trim(now);
            _forgiven[name] = now + interval;
        }

        public void TakeBack(string name)
        {
            if (_forgiven.TryGetValue(name, out TimeSpan at))
            {
                _forgiven[name] = at - interval;
            }
        }

        /// <summary>Makes room: forgets who is forgiven, and if that is too few, the quarter that is forgiven first.</summary>
        private void Trim(TimeSpan now)
        {
            if (_forgiven.Count < MaxRemembered)
            {
                return;
            }

            TimeSpan[] ends = [.. _forgiven.Values.Order()];
            TimeSpan until = Max(now, ends[ends.Length / 4]);
            foreach (string name in _forgiven.Where(one => one.Value <= until).Select(static one => one.Key).ToArray())
            {
                _forgiven.Remove(name);
            }
        }
    }
}

/// <summary>An attempt to sign in, which counts as failed until it ends otherwise.</summary>
/// <param name="wait">How long to wait until one is allowed, rounded up to seconds; null: this one may go on.</param>
/// <param name="end">Takes back what was counted; is told whether it succeeded.</param>
internal sealed class SignInAttempt(TimeSpan? wait, Action<bool> end)
{
    /// <summary>How long to wait until one is allowed, rounded up to seconds; null: this one may go on.</summary>
    public TimeSpan? Wait => wait;

    /// <summary>It has succeeded: it does not count, and who has a key is known from now on.</summary>
    public void Succeed() => end(true);

    /// <summary>It came to nothing, and not because of who tried: it does not count.</summary>
    public void TakeBack() => end(false);
}
