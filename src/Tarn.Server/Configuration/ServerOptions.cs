using Tarn.Core.Blobs.Layout;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Logging;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.Core.Scrubbing;
using Tarn.S3.Auth.SigV2;

namespace Tarn.Server.Configuration;

/// <summary>What an acknowledged write survives.</summary>
internal enum Durability
{
    /// <summary>Power loss: data and metadata are synced to the disk before the answer.</summary>
    Full,

    /// <summary>A crash of the server, but not of the machine: the operating system decides when to write.</summary>
    Relaxed,
}

/// <summary>The format of the access log.</summary>
internal enum AccessLogFormat
{
    /// <summary>A JSON object for each request.</summary>
    Json,

    /// <summary>The line of S3's server access logs.</summary>
    S3,
}

/// <summary>The server's configuration, bound and checked once at start by <see cref="ServerOptionsBinder"/>.</summary>
internal sealed record ServerOptions
{
    /// <summary>The data directory, as an absolute path.</summary>
    public required string Data { get; init; }

    /// <summary>Whether a missing data directory is refused instead of created.</summary>
    public required bool ExpectData { get; init; }

    /// <summary>Whether the root user has the key of the documentation, <see cref="DevKey.Key"/>: then nothing but programs of this machine may reach the server.</summary>
    public bool UsesDevKey { get; init; }

    /// <summary>The buckets of the root user that the start creates unless they exist.</summary>
    public IReadOnlyList<BucketName> CreateBuckets { get; init; } = [];

    public required ListenAddress S3 { get; init; }

    public required ListenAddress Control { get; init; }

    /// <summary>The region that signatures are scoped to.</summary>
    public required string Region { get; init; }

    /// <summary>Lower-case domains under which a subdomain names a bucket; empty when only path style is served.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    public required Durability Durability { get; init; }

    /// <summary>When reads are compared with the checksums of the data.</summary>
    public required VerifyReads VerifyReads { get; init; }

    /// <summary>The sequence number in the metadata's log after which a loss is accepted; null accepts none.</summary>
    public required ulong? AcceptLogLoss { get; init; }

    /// <summary>The other side of the mirror, as an absolute path; null: there is no mirror.</summary>
    public string? Mirror { get; init; }

    /// <summary>The side of the mirror, and its epoch, that may be used alone although it may lack writes; null for none.</summary>
    public MirrorStale? MirrorAcceptStale { get; init; }

    /// <summary>Whether an empty directory where a side of the mirror was is filled.</summary>
    public bool MirrorRebuild { get; init; }

    /// <summary>How long a day of lifecycle rules lasts.</summary>
    public required TimeSpan LifecycleDay { get; init; }

    /// <summary>How many versions and uploads lifecycle rules are applied to in a second, at most.</summary>
    public required int LifecycleRate { get; init; }

    /// <summary>How stored data is scrubbed.</summary>
    public required ScrubOptions Scrub { get; init; }

    /// <summary>How many of the last requests are kept in memory.</summary>
    public required int RecentRequests { get; init; }

    /// <summary>How many buckets have series of their own in the metrics of buckets.</summary>
    public required int BucketMetrics { get; init; }

    /// <summary>The object ownership of buckets created without one.</summary>
    public required ObjectOwnership ObjectOwnership { get; init; }

    /// <summary>Where Signature Version 2 is accepted, and how long such URLs and forms may be valid.</summary>
    public required SignatureV2Options SignatureV2 { get; init; }

    /// <summary>Whether issuers of tokens may be at <c>http</c> URLs of loopback addresses.</summary>
    public bool OidcPlainLoopback { get; init; }

    /// <summary>The only directories that may be attached as disks, including all below them.</summary>
    public required IReadOnlyList<DiskRoot> DiskRoots { get; init; }

    /// <summary>Where backups may be written, and below: absolute directories, and <c>s3://bucket/prefix</c>.</summary>
    public IReadOnlyList<string> BackupRoots { get; init; } = [];

    /// <summary>The URL that share links begin with, without a slash at the end; null: the control address.</summary>
    public required Uri? ShareUrl { get; init; }

    /// <summary>The URL that share links begin with; without one, that of S3 behind a proxy; null: the control address.</summary>
    public Uri? ShareBase => ShareUrl ?? Proxies.External?.Uri;

    /// <summary>The URL at which browsers open the console, without a path; null: the control address.</summary>
    public ExternalUrl? ConsoleUrl { get; init; }

    /// <summary>The proxies in front of the server.</summary>
    public ProxyOptions Proxies { get; init; } = ProxyOptions.None;

    /// <summary>Where accelerators are served; null: nowhere. With the certificate wherever S3 has it.</summary>
    public ListenAddress? Accelerators { get; init; }

    /// <summary>Whether accelerators of other machines may come without TLS.</summary>
    public bool AllowsInsecureAccelerators { get; init; }

    /// <summary>The TLS certificate; null if nothing is served over TLS.</summary>
    public required TlsOptions? Tls { get; init; }

    /// <summary>The maximum number of connections of the S3 listener; null: as many as the limit of open files allows.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>The memory budget of S3 requests in flight, in bytes; null: a share of the available memory.</summary>
    public long? RequestMemory { get; init; }

    /// <summary>The path of the S3 listener's readiness probe; null: none.</summary>
    public string? S3HealthPath { get; init; }

    /// <summary>How long the server keeps serving after it was told to stop.</summary>
    public TimeSpan DrainDelay { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>The file of the access log, as an absolute path, or <c>-</c> for standard output; null for none.</summary>
    public string? AccessLog { get; init; }

    public AccessLogFormat AccessLogFormat { get; init; }

    /// <summary>The file of the audit log, as an absolute path; null for none.</summary>
    public string? AuditLog { get; init; }

    /// <summary>How the lines of buckets with server access logging are collected and delivered.</summary>
    public LogOptions BucketLogs { get; init; } = new();

    /// <summary>The maximum number of requests in a second of which spans are recorded.</summary>
    public int TraceRate { get; init; } = 100;

    /// <summary>The root user's key as configured; null when the data directory holds a generated one.</summary>
    public required RootKey? RootKey { get; init; }

    /// <summary>The master key as configured; null when the data directory holds a generated one.</summary>
    public required MasterKeyOption? MasterKey { get; init; }
}

/// <summary>Where the master key comes from: its text, or a file that holds it.</summary>
/// <param name="Label">The source's name in messages.</param>
internal sealed record MasterKeyOption(string Label, string? Text, string? File)
{
    // The generated ToString would leak the key into any log that prints the options.
    public override string ToString() => Label;
}

/// <summary>Where the certificate is, and which listeners use it. Either PEM (certificate and key) or PKCS #12.</summary>
/// <param name="CertificateFile">PEM chain, leaf first, or the PKCS #12 file.</param>
/// <param name="KeyFile">PEM private key; null for PKCS #12.</param>
/// <param name="Password">The password of the key or the PKCS #12 file; null if it has none.</param>
internal sealed record TlsOptions(string CertificateFile, string? KeyFile, string? Password, bool OnS3, bool OnControl);

/// <summary>An access key id and its secret.</summary>
internal sealed record RootKey(string AccessKey, string SecretKey)
{
    // The generated ToString would leak the secret into any log that prints the options.
    public override string ToString() => AccessKey;
}
