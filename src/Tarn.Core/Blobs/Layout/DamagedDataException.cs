using Tarn.Core.Model;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Stored data is not what was stored: it is missing, has another length, or does not match its checksum.</summary>
public sealed class DamagedDataException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public DamagedDataException() : this("Stored data is damaged.") { }

    /// <summary>Creates the exception with a message.</summary>
    public DamagedDataException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public DamagedDataException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception for one piece of data.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="data">The id of the blob, of the row of a small object, or of the manifest.</param>
    /// <param name="message">What is wrong, for the operator and the client: it names no key.</param>
    public DamagedDataException(DamageKind kind, Id128 data, string message) : base(message) => (Kind, DataId) = (kind, data);

    /// <summary>What is wrong.</summary>
    public DamageKind Kind { get; }

    /// <summary>The id of the blob, of the row of a small object, or of the manifest.</summary>
    public Id128 DataId { get; }

    /// <summary>The first damaged byte of the data.</summary>
    public long Offset { get; init; }

    /// <summary>How many bytes are damaged or cannot be told from damaged ones; from <see cref="Offset"/> to the end if all are.</summary>
    public long Length { get; init; } = long.MaxValue;
}

/// <summary>What is wrong with stored data. The numbers are persisted.</summary>
public enum DamageKind
{
    /// <summary>It is not there.</summary>
    Missing = 1,

    /// <summary>It is shorter or longer than what was stored.</summary>
    Length = 2,

    /// <summary>It does not match its checksum.</summary>
    Checksum = 3,

    /// <summary>It is intact, but that of another blob.</summary>
    WrongBlob = 4,

    /// <summary>It is on the list of damage and was not read again. Never persisted.</summary>
    Known = 5,

    /// <summary>The payload is right; the checksums of its blocks, or what the blob says of itself for a rebuild, are damaged. Only a scrub looks at all of these.</summary>
    Tail = 6,
}
