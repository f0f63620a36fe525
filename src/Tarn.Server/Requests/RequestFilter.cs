using System.Globalization;
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

    /// <summary>Reads names of operations, separated by commas; null, for all, of null.</summary>
    public static IReadOnlySet<string>? Names(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads which statuses are meant: <c>404</c>, all of a kind (<c>5xx</c>), <c>error</c> for 400 and above, or all for null. Null if the text is something else.</summary>
    public static (int Min, int Max)? Statuses(string? text) => text switch
    {
        null => (0, int.MaxValue),
        "error" => (StatusCodes.Status400BadRequest, int.MaxValue),
        [>= '1' and <= '5' and char kind, 'x', 'x'] => ((kind - '0') * 100, ((kind - '0') * 100) + 99),
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status is >= 100 and <= 599 => (status, status),
        _ => null,
    };

    public bool Selects(FinishedRequest request) =>
        (OwnerId is null || OwnerId == (request.OwnerId ?? request.Principal?.OwnerId))
        && request.Status >= MinStatus && request.Status <= MaxStatus
        && request.Total >= MinDuration
        && (Bucket is null || Bucket == request.Bucket)
        && (Operations is null || (request.Operation is { } operation && Operations.Contains(operation)))
        && (Prefix is null || request.LoggedKey?.StartsWith(Prefix, StringComparison.Ordinal) == true);
}
