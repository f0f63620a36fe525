using System.Globalization;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>The body of an answer as it arrives.</summary>
/// <param name="connection">The connection, behind the head.</param>
/// <param name="framing">How its end is found.</param>
/// <param name="length">Its length in bytes, where it is announced.</param>
internal sealed class UpstreamBody(UpstreamConnection connection, BodyFraming framing, long length)
{
    /// <summary>What is left of the body, or of the chunk, in bytes.</summary>
    private long _left = framing == BodyFraming.Length ? length : 0;
    private bool _begun;

    /// <summary>Whether all of it has been read.</summary>
    public bool IsEnded { get; private set; } = framing == BodyFraming.None || (framing == BodyFraming.Length && length == 0);

    /// <summary>Whether the connection is behind the body once it has ended.</summary>
    public bool LeavesConnection => framing != BodyFraming.UntilClose;

    /// <summary>What came behind the last chunk.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Trailers { get; private set; } = [];

    /// <summary>Reads some bytes; 0 at the end of the body.</summary>
    /// <exception cref="UpstreamException">The connection broke before the end, or the framing is malformed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!IsEnded && _left == 0 && framing == BodyFraming.Chunked)
        {
            await NextChunkAsync(cancellationToken);
        }

        if (IsEnded)
        {
            return 0;
        }

        if (framing == BodyFraming.UntilClose)
        {
            int some = await connection.ReadAsync(bytes, cancellationToken);
            IsEnded = some == 0;
            return some;
        }

        int count = await connection.ReadAsync(bytes[..(int)Math.Min(bytes.Length, _left)], cancellationToken);
        if (count == 0)
        {
            throw new UpstreamException("The upstream closed the connection in the middle of an answer.");
        }

        _left -= count;
        IsEnded = _left == 0 && framing == BodyFraming.Length;
        return count;
    }

    /// <summary>Reads all of it.</summary>
    /// <exception cref="UpstreamException">The connection broke before the end, or it is longer than the limit.</exception>
    public async ValueTask<byte[]> ReadAllAsync(int limit, CancellationToken cancellationToken)
    {
        if (length > limit)
        {
            throw new UpstreamException("The upstream's answer is too long.");
        }

        byte[] all = new byte[framing == BodyFraming.Length ? (int)length : 16 * 1024];
        int count = 0;
        while (true)
        {
            if (count == all.Length)
            {
                if (IsEnded)
                {
                    return all;
                }

                Array.Resize(ref all, count < limit ? Math.Min(count * 2, limit) : throw new UpstreamException("The upstream's answer is too long."));
            }

            int some = await ReadAsync(all.AsMemory(count), cancellationToken);
            if (some == 0)
            {
                return all[..count];
            }

            count += some;
        }
    }

    private async ValueTask NextChunkAsync(CancellationToken cancellationToken)
    {
        if (_begun && await connection.ReadLineAsync(cancellationToken) is not "")
        {
            throw new UpstreamException("The upstream's answer has a malformed chunk.");
        }

        _begun = true;
        string line = await connection.ReadLineAsync(cancellationToken);
        int extension = line.IndexOf(';', StringComparison.Ordinal);
        ReadOnlySpan<char> size = (extension < 0 ? line : line.AsSpan(0, extension)).Trim(" \t");
        if (size.Length is 0 or > 15 || !long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left))
        {
            throw new UpstreamException("The upstream's answer has a malformed chunk.");
        }

        if (_left == 0)
        {
            Trailers = await connection.ReadTrailersAsync(cancellationToken);
            IsEnded = true;
        }
    }
}
