using System.IO.Pipelines;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects.Reading;

namespace Tarn.S3.Archives;

/// <summary>A key in an archive.</summary>
/// <param name="Text">The key.</param>
/// <param name="Length">Its length in bytes when it was asked for: what has none and ends with a slash is a directory.</param>
public readonly record struct ArchiveKey(string Text, long Length)
{
    /// <summary>Whether it stands for a directory: one that has got bytes meanwhile ends the archive.</summary>
    public bool IsDirectory => Length == 0 && Text.EndsWith('/');
}

/// <summary>Sends an archive of keys, one after the other, without ever holding more than a block of one.</summary>
public static class ArchiveStream
{
    /// <summary>Bytes read at a time.</summary>
    private const int BlockSize = 256 * 1024;

    /// <summary>Writes the archive. What throws leaves it without its end, so that no program takes it for whole.</summary>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="folder">What all keys begin with and no name in the archive has.</param>
    /// <param name="find">Finds the place and who reads it, anew for each key.</param>
    /// <param name="start">Called once, when the first key is open: until then nothing is written.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="S3Exception">A key is gone, or may not be read any more.</exception>
    /// <exception cref="IOException">What is stored cannot be read.</exception>
    public static async Task WriteAsync(
        IReadOnlyList<ArchiveKey> keys, string folder, Func<CancellationToken, ValueTask<ArchivePlace>> find, Action start, PipeWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(find);
        ArgumentNullException.ThrowIfNull(start);
        string[] names = ZipNames.Of(keys, folder);
        var zip = new ZipWriter(output);
        for (int i = 0; i < keys.Count; i++)
        {
            ArchivePlace place = await find(cancellationToken);
            (IObjectContent content, DateTimeOffset modified) = await place.OpenAsync(ObjectKey.FromUtf8(Encoding.UTF8.GetBytes(keys[i].Text)), cancellationToken);
            await using (content)
            {
                if (i == 0)
                {
                    start();
                }

                zip.Begin(names[i], modified, content.Length);
                await CopyAsync(content, zip, cancellationToken);
                await zip.EndAsync(cancellationToken);
            }
        }

        if (keys.Count == 0)
        {
            start();
        }

        await zip.FinishAsync(cancellationToken);
    }

    /// <summary>The folder that everything in an archive is in, which no name there has.</summary>
    public static string FolderOf(IEnumerable<string> keys, IEnumerable<string> prefixes) => ZipNames.FolderOf(keys, prefixes);

    private static async Task CopyAsync(IObjectContent content, ZipWriter zip, CancellationToken cancellationToken)
    {
        long offset = 0;
        while (offset < content.Length)
        {
            ContentRun run = await content.RunAsync(offset, content.Length - offset, cancellationToken);
            for (long done = 0; done < run.Length;)
            {
                int wanted = (int)Math.Min(BlockSize, run.Length - done);
                Memory<byte> block = zip.GetMemory(wanted);
                int read = wanted;
                if (run.Source is { } source)
                {
                    read = await source.ReadAsync(run.Offset + done, block, cancellationToken);
                }
                else
                {
                    run.Memory.Slice((int)done, wanted).CopyTo(block);
                }

                if (read == 0)
                {
                    throw new IOException("An object is longer than the data it refers to.");
                }

                await zip.AdvanceAsync(block[..read], cancellationToken);
                done += read;

                // As for answers of S3: a fast connection does not keep the thread.
                await Task.Yield();
            }

            offset += run.Length;
        }
    }
}
