using System.Net;

namespace Tarn.Server.Proxies;

/// <summary>What a trusted proxy states about a request: who sent it, and how it was addressed.</summary>
internal sealed record ForwardedFacts
{
    /// <summary>The client's address; null if the proxy does not name it.</summary>
    public IPAddress? Client { get; init; }

    /// <summary>The client's port; 0 if it is unknown.</summary>
    public int ClientPort { get; init; }

    /// <summary>The scheme, <c>http</c> or <c>https</c>; null if not stated.</summary>
    public string? Scheme { get; init; }

    /// <summary>The host, with or without a port; null if not stated.</summary>
    public string? Host { get; init; }

    /// <summary>The port that the client connected to; null if not stated.</summary>
    public int? Port { get; init; }

    /// <summary>The prefix that the proxy removed from the path; null if not stated.</summary>
    public string? Prefix { get; init; }

    /// <summary>These facts with the address of a client; unchanged if there is none.</summary>
    public ForwardedFacts From(ForwardedNode? client) => client is { } node ? this with { Client = node.Address, ClientPort = node.Port } : this;

    /// <summary>Whether they agree on everything that both state.</summary>
    public bool Agrees(ForwardedFacts other) =>
        Equals(Client, other.Client)
        && (Scheme is null || other.Scheme is null || Scheme == other.Scheme)
        && (Host is null || other.Host is null || Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase));
}
