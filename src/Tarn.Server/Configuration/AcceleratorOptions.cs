using System.Security.Cryptography.X509Certificates;
using Tarn.Core.Acceleration;

namespace Tarn.Server.Configuration;

/// <summary>An accelerator's configuration, bound and checked once at start by <see cref="AcceleratorOptionsBinder"/>.</summary>
internal sealed record AcceleratorOptions
{
    /// <summary>The upstream's URL.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>The authorities that its certificate may be from; null: those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The accelerator's token, a secret.</summary>
    public required string Token { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its zone.</summary>
    public required string Zone { get; init; }

    /// <summary>Lower-case domains under which a subdomain names a bucket.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Who the accelerator is, with its token.</summary>
    public AcceleratorEnvelope Envelope => new() { Token = Token, Name = Name, Zone = Zone, Domains = Domains };

    /// <summary>The cache's directory, as an absolute path.</summary>
    public required string Cache { get; init; }

    /// <summary>Bytes of the device that the cache may take.</summary>
    public required long CacheSize { get; init; }

    /// <summary>How long after its fetch data is used; null: until its room is needed.</summary>
    public TimeSpan? CacheMaxAge { get; init; }

    /// <summary>Bytes of memory for data that is being fetched; null: a share of the available memory.</summary>
    public long? CacheMemory { get; init; }

    /// <summary>Where clients connect.</summary>
    public required ListenAddress S3 { get; init; }

    /// <summary>Where other accelerators of the zone connect; null: nothing is shared.</summary>
    public ListenAddress? Peers { get; init; }

    /// <summary>HOST:PORT by which they reach it; null where <see cref="Peers"/> is.</summary>
    public string? PeerAddress { get; init; }

    /// <summary>Where metrics and health listen; null: nowhere.</summary>
    public ListenAddress? Metrics { get; init; }

    /// <summary>The certificate for clients; null: without TLS.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>The maximum number of clients' connections; null: as many as the limit of open files allows.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>The memory budget of requests in flight, in bytes; null: a share of the available memory.</summary>
    public long? RequestMemory { get; init; }

    /// <summary>How long it keeps serving after it was told to stop.</summary>
    public TimeSpan DrainDelay { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>The file of the access log, as an absolute path, or <c>-</c> for standard output; null for none.</summary>
    public string? AccessLog { get; init; }

    // The generated ToString would leak the token into any log that prints the options.
    public override string ToString() => $"accelerator {Name} of {Upstream}";
}
