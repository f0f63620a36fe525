using System.Buffers;
using System.Globalization;
using System.Text;
using Tarn.Core.Identity;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>
/// A request that has ended as a line of S3's server access logs. Fields are separated by spaces, and one without a value is a dash. What a client chose is
/// percent-encoded wherever it could end a field: quotes, spaces, control characters and everything that is not ASCII. Source: Amazon S3 User Guide, "Amazon S3 server access log format".
/// </summary>
internal static class S3LogLine
{
    private const int MaxVersion = 1024;
    private const int StatusOk = 200;

    /// <summary>The characters that stay as they are in a quoted field: visible ASCII but the quote, and the space. A percent sign stays, as targets are encoded already.</summary>
    private static readonly SearchValues<char> Quotable = SearchValues.Create([.. Enumerable.Range(0x20, 0x5f).Select(c => (char)c).Where(c => c != '"')]);

    /// <summary>Those that stay in a field without quotes.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(0x21, 0x5e).Select(c => (char)c).Where(c => c is not ('"' or '[' or ']'))]);

    /// <summary>Those that stay in a key: what RFC 3986 leaves unreserved, and the slash.</summary>
    private static readonly SearchValues<char> InKey = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

    public static string Of(FinishedRequest request)
    {
        HttpFacts? http = request.Http;
        return Of(request, new Subject(
            request.OwnerId, request.Bucket, S3LogOperation.Of(request.Method, request.Operation), request.LoggedKey, request.BytesForClient, http?.ObjectSize,
            request.TimeToFirstByte, http?.VersionId, request.Status, request.ErrorCode, http is { NeededAcl: true }));
    }

    /// <summary>
    /// The line of a copy in the log of the bucket that has the source: a copy is two operations, and each bucket's log has its own.
    /// Source: as above, "Custom access log information", "Copy operations".
    /// </summary>
    /// <param name="request">The copy.</param>
    /// <param name="source">What it copies.</param>
    public static string OfSource(FinishedRequest request, CopiedObject source) => Of(request, new Subject(
        source.OwnerId, source.Bucket, S3LogOperation.OfSource(request.Operation), ShareTokens.CutOff(source.Key.ToString()), null, null, null, source.VersionId,
        source.IsRead ? StatusOk : request.Status, source.IsRead ? null : request.ErrorCode, source.NeededAcl));

    private static string Of(FinishedRequest request, in Subject subject)
    {
        HttpFacts? http = request.Http;
        return string.Join(
            ' ',
            Field(subject.OwnerId),
            Field(subject.Bucket),
            request.Started.UtcDateTime.ToString("'['dd'/'MMM'/'yyyy':'HH':'mm':'ss' +0000]'", CultureInfo.InvariantCulture),
            Field(request.Remote?.ToString()),
            Field(Requester(request.Principal)),
            Field(request.RequestId),
            Field(subject.Operation),
            Encode(subject.Key, InKey) is { Length: > 0 } key ? key : "-",
            http is null ? "-" : $"\"{Encode(request.Method, Plain)} {Encode(http.Target, Plain)} {Encode(http.Protocol, Plain)}\"",
            subject.Status.ToString(CultureInfo.InvariantCulture),
            Field(subject.ErrorCode),
            Number(subject.BytesOut),
            Number(subject.ObjectSize),
            Milliseconds(request.Total),
            subject.TimeToFirstByte is { } first ? Milliseconds(first) : "-",
            Quoted(http?.Referer),
            Quoted(http?.UserAgent),
            Field(Cut(subject.VersionId)),
            Field(http?.HostId),
            Field(http?.SignatureVersion),
            Field(http?.CipherSuite),
            Field(http?.Authentication),
            Field(http?.Host),
            Field(http?.TlsVersion),
            "-",
            subject.NeededAcl ? "Yes" : "-");
    }

    /// <summary>A version id is at most this long where it is one.</summary>
    private static string? Cut(string? version) => version is { Length: > MaxVersion } ? version[..MaxVersion] : version;

    private static string? Requester(Principal? principal) => principal is null ? null : principal.IsRootUser ? principal.OwnerId : principal.Arn;

    private static string Field(string? text) => string.IsNullOrEmpty(text) ? "-" : Encode(text, Plain);

    private static string Quoted(string? text) => string.IsNullOrEmpty(text) ? "\"-\"" : $"\"{Encode(text, Quotable)}\"";

    private static string Number(long? number) => number is > 0 ? number.Value.ToString(CultureInfo.InvariantCulture) : "-";

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static string Encode(string? text, SearchValues<char> stay)
    {
        if (text is null || !text.AsSpan().ContainsAnyExcept(stay))
        {
            return text ?? "";
        }

        var encoded = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && stay.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (byte b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>What differs between the lines of a request in the logs of two buckets.</summary>
    private readonly record struct Subject(
        string? OwnerId, string? Bucket, string? Operation, string? Key, long? BytesOut, long? ObjectSize, TimeSpan? TimeToFirstByte, string? VersionId,
        int Status, string? ErrorCode, bool NeededAcl);
}
