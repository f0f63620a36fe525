using System.Net;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>The facts of the request that asked for a job, as far as policies may have conditions on them. Each key is decided by them.</summary>
public sealed record JobOrigin
{
    /// <summary>The longest header that is kept, in characters: a shorter text would be another value.</summary>
    public const int MaxHeader = 1024;

    /// <summary>The address from which it was sent; null when unknown.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Whether it came over TLS.</summary>
    public bool IsSecure { get; init; }

    /// <summary>1.2 or 1.3; null without TLS, and where a proxy ended it.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>Whether it was signed, rather than authenticated by a token.</summary>
    public bool IsSigned { get; init; }

    /// <summary>When it was signed, to the second; null when it is not known.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>The User-Agent header; null without one.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The Referer header; null without one.</summary>
    public string? Referer { get; init; }

    /// <summary>The <c>x-amz-content-sha256</c> header; null without one.</summary>
    public string? ContentSha256 { get; init; }

    internal void Encode(RecordWriter writer)
    {
        writer.Text(1, Remote?.ToString()).Number(2, IsSecure ? 1UL : 0).Text(3, TlsVersion).Number(4, IsSigned ? 1UL : 0)
            .Number(5, SignedAt?.ToUnixTimeSeconds() ?? 0);

        // A header that was sent empty is another value than one that was not sent: one byte marks it.
        Header(6, UserAgent);
        Header(7, Referer);
        Header(8, ContentSha256);

        void Header(int field, string? value) => writer.Text(field, value is null ? null : "=" + value);
    }

    internal static JobOrigin Decode(RecordReader reader)
    {
        var origin = new JobOrigin();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: origin = origin with { Remote = IPAddress.TryParse(reader.Text, out IPAddress? address) ? address : throw Odd() }; break;
                case 2: origin = origin with { IsSecure = reader.Number != 0 }; break;
                case 3: origin = origin with { TlsVersion = reader.Text }; break;
                case 4: origin = origin with { IsSigned = reader.Number != 0 }; break;
                case 5: origin = origin with { SignedAt = reader.Signed <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(reader.Signed) : throw Odd() }; break;
                case 6: origin = origin with { UserAgent = Header(reader.Text) }; break;
                case 7: origin = origin with { Referer = Header(reader.Text) }; break;
                case 8: origin = origin with { ContentSha256 = Header(reader.Text) }; break;
            }
        }

        return origin;
    }

    private static string Header(string text) => text.StartsWith('=') ? text[1..] : throw Odd();

    private static RecordFormatException Odd() => new("The request of a job has an address, a time or a header that there is not.");
}
