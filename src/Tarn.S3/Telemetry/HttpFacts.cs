using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Tarn.S3.Routing;

namespace Tarn.S3.Telemetry;

/// <summary>What a request and its answer said in HTTP, for access logs. Texts that the client chose are truncated, and nothing that opens anything is shown.</summary>
public sealed record HttpFacts
{
    /// <summary>The maximum length of the request target, in characters: a key of 1,024 bytes takes 3,072.</summary>
    private const int MaxTarget = 4096;

    /// <summary>The maximum length of any other text, in characters.</summary>
    private const int MaxText = 1024;

    private readonly string _target;
    private readonly KnownParameters? _parameters;

    private HttpFacts(string target, KnownParameters? parameters) => (_target, _parameters) = (Cut(target, MaxTarget)!, parameters);

    /// <summary>The request target: the path as sent, and of the query the values of S3's own parameters; those of others, which include signatures and tokens, are withheld.</summary>
    public string Target => LoggedTarget.Of(_target, _parameters);

    /// <summary>The protocol: <c>HTTP/1.1</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The Referer header without its query, which may be that of a presigned URL; null for none.</summary>
    public string? Referer { get; private init; }

    /// <summary>The User-Agent header; null for none.</summary>
    public string? UserAgent { get; private init; }

    /// <summary>The Host header; null for none.</summary>
    public string? Host { get; private init; }

    /// <summary>The version of TLS as <c>TLSv1.3</c>; null without TLS.</summary>
    public string? TlsVersion { get; private init; }

    /// <summary>The cipher suite by its name at IANA; null without TLS.</summary>
    public string? CipherSuite { get; private init; }

    /// <summary>The version that the request names, or else that the answer does; null for none.</summary>
    public string? VersionId { get; init => field = Cut(value, MaxText); }

    /// <summary>As in the answer's <c>x-amz-id-2</c>; null for none.</summary>
    public string? HostId { get; init; }

    /// <summary><c>SigV4</c> or <c>SigV2</c>; null for a request without a signature.</summary>
    public string? SignatureVersion { get; init; }

    /// <summary><c>AuthHeader</c>, <c>QueryString</c> or <c>POST</c>; null for an anonymous request.</summary>
    public string? Authentication { get; init; }

    /// <summary>Whether an access control list was needed to allow the request.</summary>
    public bool NeededAcl { get; init; }

    /// <summary>Bytes of the whole object; null where the request was not for an object's bytes.</summary>
    public long? ObjectSize { get; init; }

    /// <param name="http">The request.</param>
    /// <param name="target">Its target as sent.</param>
    /// <param name="parameters">The parameters whose values are shown; null: no query is shown.</param>
    internal static HttpFacts Of(HttpContext http, string target, KnownParameters? parameters)
    {
        IHeaderDictionary headers = http.Request.Headers;
        ITlsHandshakeFeature? tls = http.Features.Get<ITlsHandshakeFeature>();
        return new HttpFacts(target, parameters)
        {
            Protocol = http.Request.Protocol,
            Referer = LoggedTarget.WithoutQuery(Cut(headers.Referer.ToString(), MaxText)),
            UserAgent = Cut(headers.UserAgent.ToString(), MaxText),
            Host = Cut(headers.Host.ToString(), MaxText),
            TlsVersion = tls is null ? null : NameOf(tls.Protocol),
            CipherSuite = tls is { NegotiatedCipherSuite: { } suite } ? suite.ToString() : null,
        };
    }

    private static string NameOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => protocol.ToString(),
    };

    private static string? Cut(string? text, int length) => string.IsNullOrEmpty(text) ? null : text.Length <= length ? text : text[..length];
}
