using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Primitives;
using Tarn.Core.Acceleration;
using Tarn.S3;
using Tarn.S3.Routing;
using Tarn.Server.Connections;

namespace Tarn.Server.Acceleration;

/// <summary>
/// Takes the envelope off each request on the listener for accelerators, before anything else sees the request, and serves it as if the client had sent it: with the client's address, the domains of
/// the accelerator, and https only if both connections use TLS. Only the first value of each header is the accelerator's; others are the client's, which may have signed them. docs/design/accelerator.md
/// </summary>
/// <param name="next">Serves a request.</param>
/// <param name="s3">Refuses one whose envelope is not genuine.</param>
/// <param name="tokens">Looks tokens up, each time.</param>
/// <param name="refusals">Makes refusals.</param>
internal sealed class Envelopes(RequestDelegate next, S3Service s3, AcceleratorTokens tokens, EnvelopeRefusals refusals)
{
    private const int MaxKnown = 1024;

    /// <summary>What texts of genuine accelerators say, since each is the same for all requests of one.</summary>
    private readonly ConcurrentDictionary<string, (AcceleratorEnvelope Envelope, S3Domains Domains)> _known = new(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext http)
    {
        if (!ReferenceEquals(http.Features.Get<ListenerRole>(), ListenerRole.Accelerators))
        {
            await next(http);
            return;
        }

        string? envelopeText = TakeFirst(http.Request.Headers, AcceleratorHeaders.Accelerator), callText = TakeFirst(http.Request.Headers, AcceleratorHeaders.Call);
        string? why;
        try
        {
            why = await OpenAsync(http, envelopeText, callText);
        }
        catch (Exception e)
        {
            // Whether the token is genuine cannot be known now: that is no refusal of the accelerator.
            await s3.FailAsync(http, e);
            return;
        }

        if (why is not null)
        {
            await s3.RefuseAsync(http, refusals.Refuse(http.Connection.RemoteIpAddress, why));
            return;
        }

        await next(http);
    }

    /// <summary>Removes the first value of a header; null when there is none.</summary>
    private static string? TakeFirst(IHeaderDictionary headers, string name)
    {
        if (!headers.TryGetValue(name, out StringValues values) || values.Count == 0)
        {
            return null;
        }

        if (values.Count == 1)
        {
            headers.Remove(name);
        }
        else
        {
            headers[name] = new StringValues([.. values.Skip(1)]);
        }

        return values[0];
    }

    /// <summary>Applies the envelope to the request; why it is not accepted, or null.</summary>
    private async ValueTask<string?> OpenAsync(HttpContext http, string? envelopeText, string? callText)
    {
        if (envelopeText is null || callText is null)
        {
            return "This address is for accelerators, and the request has no envelope of one";
        }

        AcceleratorEnvelope? envelope;
        S3Domains? domains = null;
        if (_known.TryGetValue(envelopeText, out (AcceleratorEnvelope Envelope, S3Domains Domains) known))
        {
            (envelope, domains) = known;
        }
        else if (!AcceleratorEnvelope.TryParse(envelopeText, out envelope))
        {
            return $"The header {AcceleratorHeaders.Accelerator} is not as it must be";
        }

        if (!AcceleratorCall.TryParse(callText, out AcceleratorCall? call))
        {
            return $"The header {AcceleratorHeaders.Call} is not as it must be";
        }

        if (await tokens.AuthenticateAsync(envelope.Token, http.RequestAborted) is not { } token)
        {
            return EnvelopeRefusals.NoToken;
        }

        if (!string.Equals(token.Zone, envelope.Zone, StringComparison.Ordinal))
        {
            return "The accelerator's token is for another zone";
        }

        if (envelope.Domains.FirstOrDefault(domain => !token.AllowsDomain(domain)) is { } foreign)
        {
            return $"The accelerator's token is not for the domain {foreign}";
        }

        if (domains is null)
        {
            domains = new S3Domains(envelope.Domains);
            if (_known.Count >= MaxKnown)
            {
                _known.Clear();
            }

            _known[envelopeText] = (envelope, domains);
        }

        if (call.Client is not { } client)
        {
            http.Features.Set(new NodeCall(envelope, token));
            return null;
        }

        if (!token.Admits(client.Address))
        {
            return $"The accelerator's token is not for clients at {client.Address}";
        }

        System.Net.IPAddress? peer = http.Connection.RemoteIpAddress;
        Apply(http, call, new AcceleratedRequest(envelope.Name, envelope.Zone, domains, call.Kind == AcceleratorCallKind.Resolve)
        {
            TokenId = token.Id,
            IsClientTls = call.IsTls,
            Organizations = token.Organizations,
            ThrowIfRevokedAsync = cancellationToken => refusals.ThrowIfRevokedAsync(peer, envelope.Token, cancellationToken),
        });
        return null;
    }

    private static void Apply(HttpContext http, AcceleratorCall call, AcceleratedRequest accelerated)
    {
        http.Connection.RemoteIpAddress = call.Client!.Address;
        http.Connection.RemotePort = call.Client.Port;
        bool isSecure = call.IsTls && http.Features.Get<ITlsHandshakeFeature>() is not null;
        http.Request.Scheme = isSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        string host = http.Request.Headers.Host.ToString();

        // URLs in answers have the scheme that the client uses; the connection's TLS is the accelerator's.
        http.Features.Set(new PublicAddress(call.IsTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, "") { Names = [new SignedName(host, "")], IsForwarded = true });
        http.Features.Set(accelerated);
    }
}
