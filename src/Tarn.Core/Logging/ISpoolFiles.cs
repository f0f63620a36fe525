namespace Tarn.Core.Logging;

/// <summary>The files of a <see cref="LogSpool"/>, in one directory. What a call that returns has done survives a crash, but for what was appended and not synced.</summary>
public interface ISpoolFiles
{
    /// <summary>The files that are there: name and length in bytes.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    IReadOnlyList<(string Name, long Length)> List();

    /// <summary>Creates a file to append to.</summary>
    /// <exception cref="IOException">It cannot be created, or its name cannot be synced; nothing is left behind, as far as that is possible.</exception>
    ISpoolFile Create(string name);

    /// <summary>Reads a whole file; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    byte[]? Read(string name);

    /// <summary>Gives a file another name; one that has it already keeps it. False when neither name is there.</summary>
    /// <exception cref="IOException">That failed; the file has one of both names. It can be tried again.</exception>
    bool Rename(string from, string to);

    /// <summary>Replaces the content of a file: a crash leaves either the old or the new.</summary>
    /// <exception cref="IOException">That failed; the file has one of both.</exception>
    void Replace(string name, ReadOnlySpan<byte> content);

    /// <summary>Deletes a file; one that is not there is left so.</summary>
    /// <exception cref="IOException">That failed.</exception>
    void Delete(string name);
}

/// <summary>A file that is appended to.</summary>
public interface ISpoolFile : IDisposable
{
    /// <summary>Bytes that it has: also those that an append wrote before it failed.</summary>
    long Length { get; }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="IOException">Some of them were not written: the file must not be used any more.</exception>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Makes what was appended durable.</summary>
    /// <exception cref="IOException">That failed: the file must not be used any more.</exception>
    void Sync();
}
