using System.Buffers;
using Tarn.Core.Hashing;

namespace Tarn.Core.Objects.Reading;

/// <summary>Reads stored bytes to hash them when a copy needs a digest that its source lacks.</summary>
internal static class ContentHashing
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Feeds a range of an object to every hasher; returns false when the object was replaced and its bytes are gone.</summary>
    public static async ValueTask<bool> AppendAsync(
        ObjectReader reader, StoredObject source, long offset, long length, StreamHasher[] hashers, CancellationToken cancellationToken)
    {
        await using IObjectContent? content = await reader.OpenAsync(source, always: true, cancellationToken);
        if (content is null)
        {
            return false;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long end = offset + length;
            while (offset < end)
            {
                ContentRun run = await content.RunAsync(offset, end - offset, cancellationToken);
                ReadOnlyMemory<byte> bytes = run.Memory;
                if (run.Source is not null)
                {
                    int n = await run.Source.ReadAsync(run.Offset, buffer.AsMemory(0, (int)Math.Min(BufferSize, run.Length)), cancellationToken);
                    if (n == 0)
                    {
                        throw new IOException("An object is longer than the data it refers to.");
                    }

                    bytes = buffer.AsMemory(0, n);
                }

                foreach (StreamHasher hasher in hashers)
                {
                    hasher.Append(bytes.Span);
                }

                offset += bytes.Length;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
