using System.Text;
using Microsoft.AspNetCore.Http;
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
public sealed class ArchiveStream
{
    /// <summary>Bytes read at a time.</summary>
    private const int BlockSize = 256 * 1024;

    /// <summary>Bytes of an object after which it is decided again.</summary>
    internal const long DecideAfter = 64 * 1024 * 1024;

    private readonly ArchiveReports _reports;

    /// <param name="reports">Is told of each object.</param>
    internal ArchiveStream(ArchiveReports reports) => _reports = reports;

    /// <summary>Writes the archive. What throws leaves it without its end, so that no program takes it for whole.</summary>
    /// <param name="http">The request, whose answer gets it.</param>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="folder">What all keys begin with and no name in the archive has.</param>
    /// <param name="find">Finds the place and who reads it, anew for each key, and within what is long; null when the requester's credentials have ended.</param>
    /// <param name="start">Called once, when the first key is open: until then nothing is written.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="S3Exception">A key is gone, or may not be read any more.</exception>
    /// <exception cref="IOException">What is stored cannot be read.</exception>
    public async Task WriteAsync(
        HttpContext http, IReadOnlyList<ArchiveKey> keys, string folder, Func<CancellationToken, ValueTask<ArchivePlace?>> find, Action start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(find);
        ArgumentNullException.ThrowIfNull(start);
        string[] names = ZipNames.Of(keys, folder, cancellationToken);
        var zip = new ZipWriter(http.Response.BodyWriter);
        for (int i = 0; i < keys.Count; i++)
        {
            ArchivePlace place = await FindAsync(find, cancellationToken);
            ArchivedRead read = _reports.Begin(ObjectKey.FromUtf8(Encoding.UTF8.GetBytes(keys[i].Text)));
            try
            {
                OpenedKey opened = await place.OpenAsync(read.Key, cancellationToken);
                await using (opened.Content)
                {
                    read.ObjectSize = opened.Content.Length;
                    if (i == 0)
                    {
                        start();
                    }

                    zip.Begin(names[i], opened.Modified, opened.Content.Length);
                    await CopyAsync(opened, read, zip, find, cancellationToken);
                    await zip.EndAsync(cancellationToken);
                }
            }
            catch (Exception e)
            {
                _reports.Report(http, place, read, e);
                throw;
            }

            _reports.Report(http, place, read, failure: null);
        }

        if (keys.Count == 0)
        {
            start();
        }

        await zip.FinishAsync(cancellationToken);
    }

    /// <summary>The folder that everything in an archive is in, which no name there has.</summary>
    public static string FolderOf(IEnumerable<string> keys, IEnumerable<string> prefixes) => ZipNames.FolderOf(keys, prefixes);

    private static async ValueTask<ArchivePlace> FindAsync(Func<CancellationToken, ValueTask<ArchivePlace?>> find, CancellationToken cancellationToken) =>
        await find(cancellationToken) ?? throw new S3Exception(S3Error.AccessDenied, "The credentials that asked for the archive are not valid any more");

    private static async Task CopyAsync(OpenedKey opened, ArchivedRead read, ZipWriter zip, Func<CancellationToken, ValueTask<ArchivePlace?>> find, CancellationToken cancellationToken)
    {
        IObjectContent content = opened.Content;
        long offset = 0, decided = 0;
        while (offset < content.Length)
        {
            ContentRun run = await content.RunAsync(offset, content.Length - offset, cancellationToken);
            for (long done = 0; done < run.Length;)
            {
                if (offset + done - decided >= DecideAfter)
                {
                    await (await FindAsync(find, cancellationToken)).ThrowIfDeniedAsync(read.Key, opened, cancellationToken);
                    decided = offset + done;
                }

                Memory<byte> block = zip.GetMemory((int)Math.Min(BlockSize, run.Length - done));
                int length = await ReadAsync(run, done, block, cancellationToken);
                await zip.AdvanceAsync(block[..length], cancellationToken);
                read.Sent.Add(length);
                done += length;

                // As for answers of S3: a fast connection does not keep the thread.
                await Task.Yield();
            }

            offset += run.Length;
        }
    }

    private static async ValueTask<int> ReadAsync(ContentRun run, long done, Memory<byte> block, CancellationToken cancellationToken)
    {
        if (run.Source is not { } source)
        {
            run.Memory.Slice((int)done, block.Length).CopyTo(block);
            return block.Length;
        }

        return await source.ReadAsync(run.Offset + done, block, cancellationToken) is > 0 and int length ? length : throw new IOException("An object is longer than the data it refers to.");
    }
}
