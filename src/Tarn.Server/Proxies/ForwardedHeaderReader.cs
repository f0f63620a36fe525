using System.Globalization;
using System.Net;
using Microsoft.Extensions.Primitives;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Configuration;

namespace Tarn.Server.Proxies;

/// <summary>Reads what a trusted proxy states about a request from <c>Forwarded</c> (RFC 7239) and <c>X-Forwarded-*</c>.</summary>
/// <remarks>
/// Addresses are read from the right, where the nearest proxy appended, for as long as they belong to trusted proxies: what is to the left of
/// the first other address may be forged by the client. For the same reason the last value of other headers counts.
/// </remarks>
internal static class ForwardedHeaderReader
{
    /// <summary>Reads the headers. False if they are malformed or contradict each other.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="peer">The address of the peer, a trusted proxy.</param>
    /// <param name="peerPort">The peer's port.</param>
    /// <param name="trusted">The addresses of trusted proxies.</param>
    /// <param name="wrong">The error, a sentence.</param>
    public static bool TryRead(IHeaderDictionary headers, IPAddress peer, int peerPort, AddressList trusted, out ForwardedFacts facts, out string wrong)
    {
        facts = new ForwardedFacts { Client = peer, ClientPort = peerPort };
        ForwardedFacts direct = facts;
        ForwardedFacts? others = null, standard = null;
        wrong = TakeOthers(headers, trusted, direct, ref others) ?? TakeStandard(headers, trusted, direct, ref standard) ?? "";
        if (wrong.Length > 0)
        {
            return false;
        }

        if (others is not null && standard is not null && !standard.Agrees(others))
        {
            // Proxies pass on headers that they do not know: one of the two probably comes from the client, and nothing shows which.
            wrong = "The proxy's Forwarded and X-Forwarded-* headers contradict each other.";
            return false;
        }

        string? prefixText = Last(headers, "X-Forwarded-Prefix");
        string? prefix = null;
        if (prefixText is not null && !PathPrefix.TryParse(prefixText, out prefix))
        {
            wrong = "The proxy's X-Forwarded-Prefix is not a path.";
            return false;
        }

        facts = (others ?? standard ?? direct) with { Prefix = prefix };
        return true;
    }

    private static string? TakeOthers(IHeaderDictionary headers, AddressList trusted, ForwardedFacts direct, ref ForwardedFacts? facts)
    {
        string? proto = Last(headers, "X-Forwarded-Proto"), host = Last(headers, "X-Forwarded-Host"), portText = Last(headers, "X-Forwarded-Port");
        List<string> nodes = Values(headers["X-Forwarded-For"]);
        if (proto is null && host is null && portText is null && nodes.Count == 0)
        {
            return null;
        }

        int port = 0;
        if (proto is not null && !IsScheme(proto))
        {
            return "The proxy's X-Forwarded-Proto is neither http nor https.";
        }

        if (host is not null && !ForwardedHost.IsValid(host))
        {
            return "The proxy's X-Forwarded-Host is not a host name or address.";
        }

        if (portText is not null
            && !(int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort))
        {
            return "The proxy's X-Forwarded-Port is not a port.";
        }

        if (!TryWalk(nodes, trusted, bareIPv6: true, out ForwardedNode? client, out _))
        {
            return "The proxy's X-Forwarded-For is not a list of addresses.";
        }

        facts = direct.From(client) with { Scheme = proto?.ToLowerInvariant(), Host = host, Port = portText is null ? null : port };
        return null;
    }

    private static string? TakeStandard(IHeaderDictionary headers, AddressList trusted, ForwardedFacts direct, ref ForwardedFacts? facts)
    {
        StringValues values = headers["Forwarded"];
        if (values.Count == 0)
        {
            return null;
        }

        const string Wrong = "The proxy's Forwarded header cannot be read.";
        if (ForwardedElements.Parse(string.Join(',', values.ToArray())) is not { } elements)
        {
            return Wrong;
        }

        if (elements.Count == 0)
        {
            return null;
        }

        if (!TryWalk([.. elements.Select(static element => element.For)], trusted, bareIPv6: false, out ForwardedNode? client, out int place))
        {
            return Wrong;
        }

        // What the outermost trusted proxy saw: it, or a trusted one behind it, wrote everything from there on.
        string? proto = null, host = null;
        for (int i = elements.Count - 1; i >= place; i--)
        {
            proto = elements[i].Proto ?? proto;
            host = elements[i].Host ?? host;
        }

        if ((proto is not null && !IsScheme(proto)) || (host is not null && !ForwardedHost.IsValid(host)))
        {
            return Wrong;
        }

        facts = direct.From(client) with { Scheme = proto?.ToLowerInvariant(), Host = host };
        return null;
    }

    /// <summary>Walks from the right for as long as the nodes are trusted proxies.</summary>
    /// <param name="client">The node where the walk ends; null if there are none.</param>
    /// <param name="place">The index of that node.</param>
    private static bool TryWalk(IReadOnlyList<string?> nodes, AddressList trusted, bool bareIPv6, out ForwardedNode? client, out int place)
    {
        client = null;
        place = Math.Max(0, nodes.Count - 1);
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            if (nodes[i] is not { } text)
            {
                return true;
            }

            if (!ForwardedNode.TryParse(text, bareIPv6, out ForwardedNode node))
            {
                return false;
            }

            client = node;
            place = i;
            if (node.Address is null || !trusted.Admits(node.Address))
            {
                return true;
            }
        }

        return true;
    }

    private static bool IsScheme(string text) =>
        text.Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase) || text.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);

    /// <summary>The members of a list header, without empty ones. Source: RFC 9110, section 5.6.1.</summary>
    private static List<string> Values(StringValues header)
    {
        var values = new List<string>();
        foreach (string? line in header)
        {
            foreach (Range part in line.AsSpan().Split(','))
            {
                ReadOnlySpan<char> value = line.AsSpan(part).Trim(" \t");
                if (!value.IsEmpty)
                {
                    values.Add(value.ToString());
                }
            }
        }

        return values;
    }

    private static string? Last(IHeaderDictionary headers, string name) => Values(headers[name]).LastOrDefault();
}
