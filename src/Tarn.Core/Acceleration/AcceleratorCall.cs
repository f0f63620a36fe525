using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Tarn.Core.Acceleration;

/// <summary>What an accelerator asks for.</summary>
public enum AcceleratorCallKind
{
    /// <summary>A client's request, to be served.</summary>
    Forward,

    /// <summary>A client's GET or HEAD, to be served, except that the body of a blob may be replaced by a plan.</summary>
    Resolve,

    /// <summary>A request of the accelerator's own.</summary>
    Node,
}

/// <summary>
/// For whom an accelerator speaks, and what it asks for, as the second line of each of its requests says: <c>node</c>, or <c>forward</c> or <c>resolve</c> with
/// <c>;for=ADDRESS:PORT;tls=1</c>. There is one text for each value: nothing but what <see cref="Format"/> writes is read.
/// </summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Client">The client's address and port; null for <see cref="AcceleratorCallKind.Node"/>.</param>
/// <param name="IsTls">Whether the client's connection to the accelerator uses TLS.</param>
public sealed record AcceleratorCall(AcceleratorCallKind Kind, IPEndPoint? Client, bool IsTls)
{
    /// <summary>Longest text, in characters.</summary>
    public const int MaxLength = 80;

    private const string NodeText = "node", ForwardText = "forward;for=", ResolveText = "resolve;for=", TlsText = ";tls=";

    /// <summary>A request of the accelerator's own.</summary>
    public static AcceleratorCall Node { get; } = new(AcceleratorCallKind.Node, null, false);

    /// <summary>A client's request.</summary>
    /// <param name="kind">Any kind but <see cref="AcceleratorCallKind.Node"/>.</param>
    /// <param name="client">The address and port of the client's connection, as the socket has it.</param>
    /// <param name="isTls">Whether that connection uses TLS.</param>
    public static AcceleratorCall Of(AcceleratorCallKind kind, IPEndPoint client, bool isTls)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)kind, (int)AcceleratorCallKind.Node);
        ArgumentNullException.ThrowIfNull(client);
        return new AcceleratorCall(kind, new IPEndPoint(Plain(client.Address), client.Port), isTls);
    }

    /// <summary>Reads a text; false unless it is exactly what <see cref="Format"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out AcceleratorCall? call)
    {
        call = null;
        if (text.SequenceEqual(NodeText))
        {
            call = Node;
            return true;
        }

        if (text.Length > MaxLength)
        {
            return false;
        }

        bool isResolve = text.StartsWith(ResolveText, StringComparison.Ordinal);
        if (!isResolve && !text.StartsWith(ForwardText, StringComparison.Ordinal))
        {
            return false;
        }

        AcceleratorCallKind kind = isResolve ? AcceleratorCallKind.Resolve : AcceleratorCallKind.Forward;
        ReadOnlySpan<char> rest = text[(isResolve ? ResolveText : ForwardText).Length..];
        int end = rest.IndexOf(TlsText, StringComparison.Ordinal);
        if (end < 0 || !IPEndPoint.TryParse(rest[..end], out IPEndPoint? client))
        {
            return false;
        }

        // The platform reads many texts as an address, which others read as another one.
        AcceleratorCall read = Of(kind, client, isTls: rest[^1] == '1');
        if (!text.SequenceEqual(read.Format()))
        {
            return false;
        }

        call = read;
        return true;
    }

    /// <summary>The text.</summary>
    public string Format() => Kind == AcceleratorCallKind.Node
        ? NodeText
        : $"{(Kind == AcceleratorCallKind.Resolve ? ResolveText : ForwardText)}{Client}{TlsText}{(IsTls ? '1' : '0')}";

    /// <inheritdoc/>
    public override string ToString() => Format();

    /// <summary>An IPv4 address as such, and an IPv6 address without the interface, which is the accelerator's.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6
        ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
}
