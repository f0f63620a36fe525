using System.Globalization;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;

namespace Tarn.Server.Proxies;

/// <summary>
/// Works out how a request was addressed by its client, from how it arrived, what a trusted proxy states, and the configured external
/// URL.
/// </summary>
/// <param name="external">The configured external URL; null if there is none.</param>
/// <param name="domains">The domains whose subdomains name buckets.</param>
internal sealed class PublicNames(ExternalUrl? external, IReadOnlyList<string> domains)
{
    /// <summary>The address under which a request is served.</summary>
    /// <param name="Address">The address of the endpoint, as its client knows it.</param>
    /// <param name="Host">The effective Host header.</param>
    /// <param name="Target">The target without the prefix.</param>
    public readonly record struct View(PublicAddress Address, string Host, string Target);

    /// <param name="scheme">The scheme that its client used, as far as is known.</param>
    /// <param name="host">Its Host header as it arrived.</param>
    /// <param name="target">Its target as it arrived.</param>
    /// <param name="facts">What a trusted proxy states; null if it did not come from one.</param>
    public View Of(string scheme, string host, string target, ForwardedFacts? facts)
    {
        string? told = Authority(scheme, host, facts);
        bool namesExternal = external is not null && external.IsNamedBy(told ?? host);

        // The prefix that the proxy names, or the configured one if the request is for the external name or comes from a proxy.
        string prefix = facts?.Prefix ?? (facts is not null || namesExternal ? external?.Prefix ?? "" : "");
        bool isLeft = PathPrefix.TryStrip(target, prefix, out string? rest);
        bool isPrefixed = isLeft || facts?.Prefix is { Length: > 0 };
        bool isExternal = namesExternal || (told is null && facts is not null && external is not null && !IsOfDomain(host));
        string served = facts?.Host is not null ? told! : isExternal && !namesExternal ? external!.Authority : host;

        // For a name without a known prefix, a signed path begins with a bucket.
        bool hasPrefix = told is not null || facts?.Prefix is not null || namesExternal || IsOfDomain(host);
        var names = new List<SignedName>();
        foreach (string under in isPrefixed ? [prefix] : prefix.Length == 0 ? [""] : facts is null ? ["", prefix] : (string[])[prefix, ""])
        {
            Add(names, told, under);
            Add(names, facts?.Host, under);
            if (hasPrefix || under.Length == 0)
            {
                Add(names, host, under);
            }
        }

        if (external is not null)
        {
            Add(names, external.Authority, isPrefixed ? prefix : external.Prefix);
            Add(names, string.Create(CultureInfo.InvariantCulture, $"{external.Host}:{external.Port}"), isPrefixed ? prefix : external.Prefix);
        }

        var address = new PublicAddress(
            isExternal && facts?.Scheme is null ? external!.Scheme : scheme,
            told ?? (isExternal ? external!.Authority : host),
            isPrefixed ? prefix : isExternal ? external!.Prefix : "")
        {
            Names = names,
            IsForwarded = facts is not null,
            IsExternal = namesExternal,
        };
        return new View(address, served, rest ?? target);
    }

    private static void Add(List<SignedName> names, string? authority, string prefix)
    {
        var name = new SignedName(authority ?? "", prefix);
        if (authority is not null && !names.Contains(name))
        {
            names.Add(name);
        }
    }

    /// <summary>The client's Host header as the proxy states it; null if it does not.</summary>
    private string? Authority(string scheme, string host, ForwardedFacts? facts)
    {
        string? told = facts?.Host ?? (facts?.Port is null ? null : ForwardedHost.NameOf(host));
        if (told is null || ForwardedHost.HasPort(told))
        {
            return told;
        }

        if (facts!.Port is { } port)
        {
            return port == ExternalUrl.DefaultPort(scheme) ? told : string.Create(CultureInfo.InvariantCulture, $"{told}:{port}");
        }

        // Some proxies' host variable omits the port.
        return external is not null && told.Equals(external.Host, StringComparison.OrdinalIgnoreCase) ? external.Authority : told;
    }

    private bool IsOfDomain(string host)
    {
        string name = ForwardedHost.NameOf(host);
        return domains.Any(domain =>
            name.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.'));
    }
}
