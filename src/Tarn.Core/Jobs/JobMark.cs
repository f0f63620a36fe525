using System.Security.Cryptography;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>How a job ended with one key.</summary>
public enum JobOutcomeKind : byte
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There was nothing to do.</summary>
    Skipped,

    /// <summary>It failed, and nothing was changed, but for a rename whose copy was made.</summary>
    Failed,
}

/// <summary>How a job ended with one key, and the object's size in bytes.</summary>
public readonly record struct JobOutcome(JobOutcomeKind Kind, long Bytes)
{
    /// <summary>There was nothing to do.</summary>
    public static JobOutcome Skipped => new(JobOutcomeKind.Skipped, 0);

    /// <summary>It failed.</summary>
    public static JobOutcome Failed => new(JobOutcomeKind.Failed, 0);

    /// <summary>It is done.</summary>
    public static JobOutcome Done(long bytes) => new(JobOutcomeKind.Done, bytes);
}

/// <summary>
/// What is known of a key that the job's cursor has not passed: it is committed with the change of the key itself, so that a job that is
/// interrupted does nothing twice.
/// </summary>
public sealed record JobMark
{
    private const byte Marker = 1;

    /// <summary>The object's size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary><see cref="Objects.StoredObject.Fingerprint"/> of a source that was copied and is still to be deleted; null when the key is done.</summary>
    public byte[]? Copied { get; init; }

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker).Number(1, Bytes);
        return (Copied is null ? writer : writer.Bytes(2, Copied)).ToArray();
    }

    internal static JobMark Decode(ReadOnlySpan<byte> bytes)
    {
        long size = 0;
        byte[]? copied = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: size = reader.Signed; break;
                case 2: copied = reader.Bytes.Length == SHA256.HashSizeInBytes ? reader.Bytes.ToArray() : throw new RecordFormatException("A fingerprint does not have 32 bytes."); break;
            }
        }

        return new JobMark { Bytes = size, Copied = copied };
    }
}

/// <summary>A key that failed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">The version, where versions are deleted; null otherwise.</param>
/// <param name="Code">The code of S3's error.</param>
/// <param name="Message">What is wrong, for people.</param>
public sealed record JobError(ObjectKey Key, string? Version, string Code, string Message)
{
    /// <summary>The longest message that is kept, in characters.</summary>
    public const int MaxMessage = 400;

    private const byte Marker = 1;

    internal byte[] Encode() => new RecordWriter(Marker).Bytes(3, Key.Utf8).Text(4, Version).Text(5, Code).Text(6, Message.Length <= MaxMessage ? Message : Message[..(MaxMessage - 1)] + "…").ToArray();

    internal static JobError Decode(ReadOnlySpan<byte> bytes)
    {
        byte[] key = [];
        string? version = null;
        string code = "", message = "";
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: key = reader.Bytes.ToArray(); break;
                case 4: version = reader.Text; break;
                case 5: code = reader.Text; break;
                case 6: message = reader.Text; break;
            }
        }

        return new JobError(ObjectKey.FromUtf8(key), version, code, message);
    }
}

/// <summary>The rows of the keys of jobs.</summary>
internal static class JobRows
{
    /// <summary>Decodes the value of a row of either kind: their fields have different numbers.</summary>
    public static void ThrowIfOdd(byte[] value)
    {
        JobMark.Decode(value);
        JobError.Decode(value);
    }
}
