using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;

namespace Tarn.Core.Consistency;

/// <summary>What became of a blob that was to be copied.</summary>
/// <param name="Length">Bytes stored.</param>
/// <param name="IsBare">Whether it has no checksums of its own.</param>
/// <param name="Crc">CRC64NVME of all bytes of a bare blob; 0 of any other.</param>
/// <param name="IsNew">Whether bytes were written; otherwise the copy was there, or shares the source's.</param>
/// <param name="Problem">Why there is no copy; null when there is one.</param>
/// <param name="IsKept">Whether, although there is a problem, the target has a copy that an earlier backup made.</param>
internal readonly record struct CopiedBlob(long Length, bool IsBare, ulong Crc, bool IsNew, DataProblem? Problem, bool IsKept = false);

/// <summary>
/// Copies blobs from one store to another, and verifies every byte in the memory from which it is written. What is damaged is not copied, and what is there and intact is left.
/// </summary>
/// <param name="source">Where the blobs are.</param>
/// <param name="target">Where they are copied to, under their ids; durable when a call returns.</param>
/// <param name="read">Is told how many bytes were read.</param>
internal sealed class VerifiedCopy(IBlobStore source, IBlobStore target, Action<long> read)
{
    private const int BufferSize = 1 << 20;

    /// <summary>Gives a verified blob of the source a name in the target without copying it; false when it has to be copied. Null: all are copied.</summary>
    public Func<BlobId, bool>? TryShare { get; init; }

    /// <summary>Copies a blob. Where the source has several copies of it, and the one that is read is bad, that is repaired first.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="stored">Bytes of the whole blob as the rows noted it; 0 if they did not.</param>
    /// <param name="least">Bytes that it has at least.</param>
    /// <param name="known">What an earlier backup says of its copy; null when none does.</param>
    /// <param name="cancellationToken">Ends the copy; nothing is left of it then.</param>
    /// <exception cref="TargetFailedException">The target cannot be written.</exception>
    public async ValueTask<CopiedBlob> RunAsync(BlobId id, long stored, long least, CopiedBlob? known, CancellationToken cancellationToken)
    {
        CopiedBlob copied = await TryAsync(id, stored, least, known, cancellationToken);
        return copied.Problem is not null && source is IBlobRepair repair && await repair.RepairAsync(id, cancellationToken)
            ? await TryAsync(id, stored, least, known, cancellationToken)
            : copied;
    }

    /// <summary>Whether a blob of the target is there as it must be: its length and what follows its payload are read, not the payload.</summary>
    /// <param name="store">The store.</param>
    /// <param name="id">The blob.</param>
    /// <param name="stored">Bytes of the whole blob; 0 if that is not known.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>Its length; null when it is not there, bare, damaged, or cannot be read.</returns>
    public static async ValueTask<long?> FindIntactAsync(IBlobStore store, BlobId id, long stored, CancellationToken cancellationToken)
    {
        try
        {
            await using IBlobReader? reader = await store.OpenAsync(id, cancellationToken);
            if (reader is null || reader.IsBare || (stored > 0 && reader.Length != stored))
            {
                return null;
            }

            (BlobEnd? end, _) = await new WholeBlob(id, reader, static _ => { }).ReadEndAsync(cancellationToken);
            return end is null ? null : reader.Length;
        }
        catch (IOException e) when (e is not CopyPlaceException)
        {
            // It is copied again, and a place that cannot be read at all does not take the copy.
            return null;
        }
    }

    /// <summary>Reads all of a blob of which only the rows are known, and compares it with its own checksums; a bare one needs to be long enough.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static async ValueTask<DataProblem?> ProblemAsync(IBlobStore store, BlobId id, long stored, long least, Action<long> read, CancellationToken cancellationToken)
    {
        BlobInfo? info;
        try
        {
            info = await store.FindAsync(id, cancellationToken);
        }
        catch (IOException e) when (e is not CopyPlaceException)
        {
            return new DataProblem(FindingKind.Unreadable, $"The blob cannot be read: {e.Message}");
        }

        return info switch
        {
            null => new DataProblem(FindingKind.Missing, "The blob is missing."),
            { } found when found.Length < least => new DataProblem(FindingKind.WrongLength, $"The blob has {found.Length} bytes instead of {least} or more."),
            { IsBare: true } when stored == 0 => null,
            { } found => await ProblemAsync(store, id, new CopiedBlob(stored > 0 ? stored : found.Length, IsBare: false, 0, IsNew: false, Problem: null), read, cancellationToken),
        };
    }

    /// <summary>Reads all of a blob and compares it with its checksums, or a bare one with what is known of it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="id">The blob.</param>
    /// <param name="known">What it must be.</param>
    /// <param name="read">Is told how many bytes were read.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static async ValueTask<DataProblem?> ProblemAsync(IBlobStore store, BlobId id, CopiedBlob known, Action<long> read, CancellationToken cancellationToken)
    {
        try
        {
            await using IBlobReader? reader = await store.OpenAsync(id, cancellationToken);
            if (reader is null)
            {
                return new DataProblem(FindingKind.Missing, "The blob is missing.");
            }

            if (known.IsBare && !reader.IsBare)
            {
                return await SealedProblemAsync(id, reader, known, read, cancellationToken);
            }

            if (reader.Length != known.Length || reader.IsBare != known.IsBare)
            {
                return new DataProblem(FindingKind.WrongLength, $"The blob has {reader.Length} bytes instead of {known.Length}.");
            }

            if (known.IsBare)
            {
                return await BareCrcAsync(reader, null, read, cancellationToken) == known.Crc ? null : new DataProblem(FindingKind.Damaged, "The blob does not match its checksum.");
            }

            var blob = new WholeBlob(id, reader, read);
            (BlobEnd? end, DataProblem? problem) = await blob.ReadEndAsync(cancellationToken);
            return problem ?? await blob.PayloadProblemAsync(end!, cancellationToken);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not CopyPlaceException)
        {
            return new DataProblem(FindingKind.Unreadable, $"The blob cannot be read: {e.Message}");
        }
    }

    private async ValueTask<CopiedBlob> TryAsync(BlobId id, long stored, long least, CopiedBlob? known, CancellationToken cancellationToken)
    {
        try
        {
            await using IBlobReader? reader = await source.OpenAsync(id, cancellationToken);
            if (reader is null)
            {
                return Failed(FindingKind.Missing, "The blob is missing.");
            }

            if (stored > 0 && (reader.IsBare || reader.Length != stored))
            {
                return Failed(FindingKind.WrongLength, $"The blob has {reader.Length} bytes instead of {stored}.");
            }

            if (reader.Length < least)
            {
                return Failed(FindingKind.WrongLength, $"The blob has {reader.Length} bytes instead of {least} or more.");
            }

            if (reader.IsBare)
            {
                return await CopyBareAsync(id, reader, known, cancellationToken);
            }

            CopiedBlob copied = await CopyAsync(id, reader, cancellationToken);
            if (copied.Problem is { Kind: FindingKind.Damaged or FindingKind.WrongBlob })
            {
                // The damage may be in the memory of this machine. What the device has counts.
                reader.DropCached(0, reader.Length);
                copied = await CopyAsync(id, reader, cancellationToken);
            }

            return copied;
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not (TargetFailedException or CopyPlaceException))
        {
            return Failed(FindingKind.Unreadable, $"The blob cannot be read: {e.Message}");
        }
    }

    /// <summary>A later backup copied the blob after the store gave it checksums: its payload is what an earlier one has without them.</summary>
    private static async ValueTask<DataProblem?> SealedProblemAsync(BlobId id, IBlobReader reader, CopiedBlob known, Action<long> read, CancellationToken cancellationToken)
    {
        var blob = new WholeBlob(id, reader, read);
        (BlobEnd? end, DataProblem? problem) = await blob.ReadEndAsync(cancellationToken);
        return problem
            ?? (end!.Trailer.PayloadLength != known.Length || end.Trailer.PayloadCrc != known.Crc
                ? new DataProblem(FindingKind.Damaged, "The blob does not match its checksum.")
                : await blob.PayloadProblemAsync(end, cancellationToken));
    }

    private async ValueTask<CopiedBlob> CopyAsync(BlobId id, IBlobReader reader, CancellationToken cancellationToken)
    {
        var blob = new WholeBlob(id, reader, read);
        (BlobEnd? end, DataProblem? problem) = await blob.ReadEndAsync(cancellationToken);
        if (problem is not null)
        {
            return Failed(problem.Value);
        }

        // The copy shares what is on the device, so that is what has to be verified before.
        if (TryShare is not null)
        {
            reader.DropCached(0, reader.Length);
            problem = await blob.PayloadProblemAsync(end!, cancellationToken);
            if (problem is not null)
            {
                return Failed(problem.Value);
            }

            // What was verified may be another copy than the one that would be shared.
            if ((source as IBlobRepair)?.IsOther(reader) != true && await ToTargetAsync(() => new ValueTask<bool>(TryShare(id))))
            {
                return new CopiedBlob(reader.Length, false, 0, false, null);
            }
        }

        await using IBlobWriter writer = await ToTargetAsync(() => target.CreateAsync(id, reader.Length, cancellationToken));
        problem = await blob.ReadPayloadAsync(end!, block => WriteAsync(writer, block, cancellationToken), cancellationToken);
        if (problem is not null)
        {
            return Failed(problem.Value);
        }

        byte[] trailer = new byte[BlobLayout.TrailerSize];
        end!.Trailer.Write(trailer);
        await WriteAsync(writer, end.Tail, cancellationToken);
        await WriteAsync(writer, trailer, cancellationToken);
        await CommitAsync(writer, cancellationToken);
        return new CopiedBlob(reader.Length, false, 0, true, null);
    }

    /// <summary>
    /// Copies a blob that cannot be verified by itself. A copy that is there is replaced only if it is known that the source is the one that is right: the copy may be all that is left.
    /// </summary>
    private async ValueTask<CopiedBlob> CopyBareAsync(BlobId id, IBlobReader reader, CopiedBlob? known, CancellationToken cancellationToken)
    {
        ulong? wanted = known is { IsBare: true } listed ? listed.Crc : null;
        await using (IBlobReader? there = await ToTargetAsync(() => target.OpenAsync(id, cancellationToken)))
        {
            if (there is not null)
            {
                ulong source = await BareCrcAsync(reader, null, read, cancellationToken);
                ulong copy = await ToTargetAsync(() => BareCrcAsync(there, null, static _ => { }, cancellationToken));
                bool isCopyRight = there.IsBare && (wanted ?? source) == copy && (known?.Length ?? reader.Length) == there.Length;
                if (isCopyRight && source == copy && there.Length == reader.Length)
                {
                    return new CopiedBlob(reader.Length, true, source, false, null);
                }

                if (isCopyRight || source != wanted || reader.Length != known!.Value.Length)
                {
                    return new CopiedBlob(
                        isCopyRight ? there.Length : 0,
                        true,
                        copy,
                        IsNew: false,
                        new DataProblem(
                            FindingKind.Damaged,
                            isCopyRight ? "The blob, which has no checksums, is not what an earlier backup copied. That copy is kept." : "The blob, which has no checksums, differs from the copy in the backups."),
                        IsKept: isCopyRight);
                }
            }
        }

        await using IBlobWriter writer = await ToTargetAsync(() => target.CreateCopyAsync(id, reader.Length, isBare: true, cancellationToken));
        ulong crc = await BareCrcAsync(reader, block => WriteAsync(writer, block, cancellationToken), read, cancellationToken);
        if (wanted is not null && crc != wanted)
        {
            return Failed(FindingKind.Damaged, "The blob, which has no checksums, is not what an earlier backup copied.");
        }

        await CommitAsync(writer, cancellationToken);
        return new CopiedBlob(reader.Length, true, crc, true, null);
    }

    private static async ValueTask<ulong> BareCrcAsync(
        IBlobReader reader, Func<ReadOnlyMemory<byte>, ValueTask>? write, Action<long> read, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            ulong register = Crc.Crc64Nvme.Mask;
            for (long at = 0; at < reader.Length;)
            {
                int count = await reader.ReadAsync(at, buffer.AsMemory(0, (int)Math.Min(BufferSize, reader.Length - at)), cancellationToken);
                if (count == 0)
                {
                    throw new IOException("it became shorter while it was read");
                }

                register = Crc.Crc64Nvme.Update(register, buffer.AsSpan(0, count));
                if (write is not null)
                {
                    await write(buffer.AsMemory(0, count));
                }

                at += count;
                read(count);
            }

            return register ^ Crc.Crc64Nvme.Mask;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask WriteAsync(IBlobWriter writer, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await ToTargetAsync(async () =>
    {
        await writer.WriteAsync(new ReadOnlySequence<byte>(bytes), cancellationToken);
        return true;
    });

    private static async ValueTask CommitAsync(IBlobWriter writer, CancellationToken cancellationToken) => await ToTargetAsync(async () =>
    {
        await writer.CommitAsync(cancellationToken);
        return true;
    });

    private static async ValueTask<T> ToTargetAsync<T>(Func<ValueTask<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not TargetFailedException)
        {
            throw new TargetFailedException(e.Message, e);
        }
    }

    private static CopiedBlob Failed(FindingKind kind, string detail) => Failed(new DataProblem(kind, detail));

    private static CopiedBlob Failed(DataProblem problem) => new(0, IsBare: false, 0, IsNew: false, problem);
}

/// <summary>What is copied to cannot be written or read: that ends the copy, where a blob that cannot be read does not.</summary>
internal sealed class TargetFailedException(string message, Exception? inner) : IOException(message, inner);
