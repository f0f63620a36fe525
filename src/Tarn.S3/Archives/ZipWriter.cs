using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using Tarn.Core.Hashing;

namespace Tarn.S3.Archives;

/// <summary>
/// Writes a Zip archive to something that cannot go back: each file stored as it is, its checksum after it, and what is longer than 4 GiB, or further on, as Zip64. Of what was written it keeps the directory alone.
/// Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
/// </summary>
/// <param name="output">Where to.</param>
internal sealed class ZipWriter(PipeWriter output)
{
    private const uint Max32 = uint.MaxValue;
    private const int Max16 = ushort.MaxValue;
    private const ushort Utf8Names = 1 << 11, HasDescriptor = 1 << 3;
    private const ushort Version = 20, Version64 = 45, MadeOnUnix = 3 << 8;
    private const uint FileMode = 0x81A4u << 16, DirectoryMode = (0x41EDu << 16) | 0x10;
    private const int FlushEvery = 64 * 1024;

    private readonly List<Entry> _entries = [];
    private StreamHasher? _crc;
    private long _written;
    private long _unflushed;

    /// <summary>Bytes so far.</summary>
    public long Position { get; private set; }

    /// <summary>Begins a file, or, if its name ends with a slash, a directory, which has no bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="modified">When it was changed.</param>
    /// <param name="length">Its length in bytes.</param>
    public void Begin(string name, DateTimeOffset modified, long length)
    {
        if (_crc is not null || (length > 0 && name.EndsWith('/')))
        {
            throw new InvalidOperationException("The entry before has not ended, or a directory has bytes.");
        }

        var entry = new Entry(Encoding.UTF8.GetBytes(name), modified, Position, length);
        _entries.Add(entry);
        _crc = StreamHasher.Create(ChecksumAlgorithm.Crc32);
        _written = 0;
        var header = new Fields(stackalloc byte[64]);
        header.Four(0x04034B50).Two(entry.Needs).Two(entry.Flags).Two(0).Two(entry.Time).Two(entry.Date).Four(0).Four(entry.Length32InHeader).Four(entry.Length32InHeader);
        header.Two((ushort)entry.Name.Length).Two((ushort)((entry.IsLong ? 20 : 0) + 9));
        Put(header.Written);
        Put(entry.Name);
        var extra = new Fields(stackalloc byte[32]);
        if (entry.IsLong)
        {
            // The lengths come after the bytes; that there is this field says that they have eight bytes there.
            extra.Two(1).Two(16).Eight(0).Eight(0);
        }

        entry.AddTime(ref extra);
        Put(extra.Written);
    }

    /// <summary>Memory for the next bytes of the file.</summary>
    public Memory<byte> GetMemory(int length) => output.GetMemory(length)[..length];

    /// <summary>Takes bytes that were put in the memory.</summary>
    public ValueTask AdvanceAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        (_crc ?? throw new InvalidOperationException("No file has begun.")).Append(bytes.Span);
        Advance(bytes.Length);
        _written += bytes.Length;
        return FlushAsync(FlushEvery, cancellationToken);
    }

    /// <summary>Ends the file.</summary>
    /// <exception cref="IOException">It has another length than was said: the archive cannot be ended.</exception>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        Entry entry = _entries[^1];
        if (_written != entry.Length)
        {
            throw new IOException($"A file of {entry.Length} bytes had {_written}.");
        }

        using (StreamHasher crc = _crc ?? throw new InvalidOperationException("No file has begun."))
        {
            entry.Crc = BinaryPrimitives.ReadUInt32BigEndian(crc.Finish());
        }

        _crc = null;
        if (!entry.IsDirectory)
        {
            PutDescriptor(entry);
        }

        await FlushAsync(FlushEvery, cancellationToken);
    }

    /// <summary>Ends the archive: without it no program takes it for one.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        long start = Position;
        foreach (Entry entry in _entries)
        {
            PutDirectory(entry);
            await FlushAsync(FlushEvery, cancellationToken);
        }

        PutEnd(start);
        await FlushAsync(1, cancellationToken);
    }

    private void PutDescriptor(Entry entry)
    {
        var fields = new Fields(stackalloc byte[24]);
        fields.Four(0x08074B50).Four(entry.Crc);
        if (entry.IsLong)
        {
            fields.Eight(entry.Length).Eight(entry.Length);
        }
        else
        {
            fields.Four((uint)entry.Length).Four((uint)entry.Length);
        }

        Put(fields.Written);
    }

    private void PutDirectory(Entry entry)
    {
        bool isFar = entry.Offset >= Max32;
        int more = (entry.IsLong ? 16 : 0) + (isFar ? 8 : 0);
        var fields = new Fields(stackalloc byte[64]);
        fields.Four(0x02014B50).Two((ushort)(MadeOnUnix | Version64)).Two(isFar ? Version64 : entry.Needs).Two(entry.Flags).Two(0).Two(entry.Time).Two(entry.Date).Four(entry.Crc);
        fields.Four(entry.Length32).Four(entry.Length32).Two((ushort)entry.Name.Length).Two((ushort)((more > 0 ? 4 + more : 0) + 9)).Two(0).Two(0).Two(0);
        fields.Four(entry.IsDirectory ? DirectoryMode : FileMode).Four(isFar ? Max32 : (uint)entry.Offset);
        Put(fields.Written);
        Put(entry.Name);
        var extra = new Fields(stackalloc byte[64]);
        if (more > 0)
        {
            extra.Two(1).Two((ushort)more);
        }

        if (entry.IsLong)
        {
            extra.Eight(entry.Length).Eight(entry.Length);
        }

        if (isFar)
        {
            extra.Eight(entry.Offset);
        }

        entry.AddTime(ref extra);
        Put(extra.Written);
    }

    private void PutEnd(long start)
    {
        long end = Position, size = end - start;
        var fields = new Fields(stackalloc byte[128]);
        if (_entries.Count >= Max16 || start >= Max32 || size >= Max32)
        {
            fields.Four(0x06064B50).Eight(44).Two(MadeOnUnix | Version64).Two(Version64).Four(0).Four(0).Eight(_entries.Count).Eight(_entries.Count).Eight(size).Eight(start);
            fields.Four(0x07064B50).Four(0).Eight(end).Four(1);
        }

        ushort count = (ushort)Math.Min(_entries.Count, Max16);
        fields.Four(0x06054B50).Two(0).Two(0).Two(count).Two(count).Four((uint)Math.Min(size, Max32)).Four((uint)Math.Min(start, Max32)).Two(0);
        Put(fields.Written);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    private void Advance(int length)
    {
        output.Advance(length);
        Position += length;
        _unflushed += length;
    }

    private async ValueTask FlushAsync(long least, CancellationToken cancellationToken)
    {
        if (_unflushed >= least)
        {
            _unflushed = 0;
            FlushResult flushed = await output.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
            {
                throw new OperationCanceledException("Nobody reads the archive any more.");
            }
        }
    }

    /// <summary>What the directory at the end says of a file.</summary>
    private sealed class Entry(byte[] name, DateTimeOffset modified, long offset, long length)
    {
        private const int FirstYear = 1980, LastYear = 2107;

        // Two seconds each; in UTC, as for everybody: a time zone has no place in it.
        private readonly DateTime _time = modified.UtcDateTime is var at && at.Year < FirstYear ? new DateTime(FirstYear, 1, 1, 0, 0, 0, DateTimeKind.Utc)
            : at.Year > LastYear ? new DateTime(LastYear, 12, 31, 23, 59, 58, DateTimeKind.Utc)
            : at;

        public byte[] Name { get; } = name.Length <= Max16 ? name : throw new ArgumentOutOfRangeException(nameof(name), "The name of a file in an archive has at most 65,535 bytes.");

        public long Offset { get; } = offset;

        public long Length { get; } = length;

        public uint Crc { get; set; }

        public bool IsDirectory => Name is [.., (byte)'/'];

        public bool IsLong => Length >= Max32;

        public ushort Needs => IsLong ? Version64 : Version;

        public ushort Flags => IsDirectory ? Utf8Names : (ushort)(Utf8Names | HasDescriptor);

        public uint Length32 => (uint)Math.Min(Length, Max32);

        /// <summary>Before the bytes the length is not said, except that there is a long one.</summary>
        public uint Length32InHeader => IsLong ? Max32 : 0;

        public ushort Time => (ushort)((_time.Hour << 11) | (_time.Minute << 5) | (_time.Second / 2));

        public ushort Date => (ushort)(((_time.Year - FirstYear) << 9) | (_time.Month << 5) | _time.Day);

        /// <summary>Adds the time to the second, in UTC: the field "extended timestamp" of Info-ZIP.</summary>
        public void AddTime(ref Fields extra) =>
            extra.Two(0x5455).Two(5).One(1).Four((uint)Math.Clamp(modified.ToUnixTimeSeconds(), 0, int.MaxValue));
    }

    /// <summary>Numbers in little-endian order.</summary>
    private ref struct Fields(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        [UnscopedRef]
        public ref Fields One(byte value)
        {
            _buffer[_length++] = value;
            return ref this;
        }

        [UnscopedRef]
        public ref Fields Two(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer[_length..], value);
            _length += sizeof(ushort);
            return ref this;
        }

        [UnscopedRef]
        public ref Fields Four(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer[_length..], value);
            _length += sizeof(uint);
            return ref this;
        }

        [UnscopedRef]
        public ref Fields Eight(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_buffer[_length..], value);
            _length += sizeof(long);
            return ref this;
        }
    }
}
