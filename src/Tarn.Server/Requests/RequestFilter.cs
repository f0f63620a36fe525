using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>Selects requests that have ended. What is null selects all.</summary>
internal sealed record RequestFilter
{
    /// <summary>Canonical user id of the organization whose requests are selected: those for its buckets and disks, and its own for none.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Names of operations.</summary>
    public IReadOnlySet<string>? Operations { get; init; }

    public string? Bucket { get; init; }

    /// <summary>The beginning of the key.</summary>
    public string? Prefix { get; init; }

    /// <summary>The lowest status.</summary>
    public int MinStatus { get; init; }

    /// <summary>The highest status.</summary>
    public int MaxStatus { get; init; } = int.MaxValue;

    /// <summary>The shortest duration.</summary>
    public TimeSpan MinDuration { get; init; }

    public bool Selects(FinishedRequest request) =>
        (OwnerId is null || OwnerId == (request.OwnerId ?? request.Principal?.OwnerId))
        && request.Status >= MinStatus && request.Status <= MaxStatus
        && request.Total >= MinDuration
        && (Bucket is null || Bucket == request.Bucket)
        && (Operations is null || (request.Operation is { } operation && Operations.Contains(operation)))
        && (Prefix is null || request.LoggedKey?.StartsWith(Prefix, StringComparison.Ordinal) == true);
}
