namespace Tarn.Server.Configuration;

/// <summary>All settings of <c>tarn accelerate</c>; docs/reference/accelerator-settings.md explains each. Those that it shares with <c>tarn serve</c> are the same.</summary>
internal static class AcceleratorSettings
{
    public static readonly Setting Upstream =
        new("upstream", "URL", null, "The server's listener for accelerators (--accelerators), like https://tarn.example.com:9100.");

    public static readonly Setting TokenFile =
        new("token-file", "FILE", null, "A file whose first line is the accelerator's token; only its owner and group may read it.");

    public static readonly Setting Token =
        new("token", "TEXT", null, "The accelerator's token; environment or configuration file only.") { Secret = true, InFile = TokenFile };

    public static readonly Setting UpstreamCa =
        new("upstream-ca", "FILE", null, "The authorities that the upstream's certificate may be from, PEM, in place of those of the system.");

    public static readonly Setting InsecureUpstream =
        new("insecure-upstream", "true|false", "false", "Speak to the upstream without TLS, though it is not on loopback: token and data are readable on the way. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting Cache =
        new("cache", "DIR", null, "The directory of the cache, on a device of this machine, with nothing else in it; created if it is missing.");

    public static readonly Setting CacheSize =
        new("cache-size", "SIZE", null, "Bytes of the device that the cache may take, like 200GiB.");

    public static readonly Setting CacheMaxAge =
        new("cache-max-age", "DURATION", null, "How long after it was fetched data is used, like 12h; without it, until its room is needed.");

    public static readonly Setting CacheMemory =
        new("cache-memory", "MIB", "auto", "Memory for data that is being fetched, in MiB; auto: an eighth of the memory, at most 1024.");

    public static readonly Setting Name =
        new("name", "NAME", null, "The accelerator's name, for people; without it, the name of the machine. One of more than 63 characters is shortened, with eight digits of its hash at the end.");

    public static readonly Setting Zone =
        new("zone", "NAME", "default", "The zone whose accelerators share what they have cached.");

    public static readonly Setting Peers =
        new("peers", "ADDR:PORT", null, "Where the other accelerators of the zone reach this one; without it, nothing is shared with them.");

    public static readonly Setting PeerAddress =
        new("peer-address", "HOST:PORT", null, "The name or address by which they reach it, if that is not the value of --peers.");

    public static readonly Setting Metrics =
        new("metrics", "ADDR:PORT", null, "Where /metrics and /health listen; without it, nowhere.");

    /// <summary>Every setting, in the order of the help text.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Settings.Config, Upstream, Token, TokenFile, UpstreamCa, InsecureUpstream, Cache, CacheSize, CacheMaxAge, CacheMemory, Settings.S3, Settings.Domain, Name, Zone, Peers, PeerAddress, Metrics,
        Settings.TlsCert, Settings.TlsKey, Settings.TlsPfx, Settings.TlsPassword, Settings.TlsPasswordFile,
        Settings.MaxConnections, Settings.RequestMemory, Settings.DrainDelay, Settings.LogLevel, Settings.AccessLog,
    ];
}
