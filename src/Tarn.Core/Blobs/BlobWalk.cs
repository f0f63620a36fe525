using System.Runtime.CompilerServices;

namespace Tarn.Core.Blobs;

/// <summary>Lists blobs, and goes on behind a directory that cannot be listed.</summary>
internal static class BlobWalk
{
    /// <summary>How many directories there are.</summary>
    public const int Directories = 1 << 8;

    /// <summary>Lists blobs directory by directory.</summary>
    /// <param name="blobs">The store.</param>
    /// <param name="first">The first <see cref="BlobId.Directory"/>.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="failed">Is told why a directory cannot be listed as a whole.</param>
    /// <param name="cancellationToken">Cancels the walk.</param>
    public static async IAsyncEnumerable<BlobInfo> RunAsync(
        IBlobStore blobs, int first, int end, Func<Exception, ValueTask> failed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        for (int from = first; from < end;)
        {
            int at = from;
            await using IAsyncEnumerator<BlobInfo> list = blobs.ListAsync(from, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                bool isThere = false;
                Exception? failure = null;
                try
                {
                    isThere = await list.MoveNextAsync();
                }
                catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
                {
                    failure = e;
                }

                if (failure is not null)
                {
                    // Which directory it was is not known, when those before it are empty: it is met again from the next one on.
                    if (failure.Message != last)
                    {
                        await failed(failure);
                    }

                    last = failure.Message;
                    break;
                }

                if (!isThere || list.Current.Id.Directory >= end)
                {
                    yield break;
                }

                at = list.Current.Id.Directory;
                yield return list.Current;
            }

            from = at + 1;
        }
    }
}
