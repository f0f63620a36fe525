using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using Tarn.S3.Archives;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Archives;

/// <summary>The format of archives, read by a program that others wrote.</summary>
public sealed class ZipWriterTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 34, 56, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Files_directories_and_names_in_all_scripts_are_read_back()
    {
        (string Name, byte[] Content)[] files = [("a.txt", "hello"u8.ToArray()), ("empty", []), ("dir/", []), ("dir/日本語.bin", [.. Enumerable.Range(0, 300_000).Select(static i => (byte)i)])];
        string path = await WriteAsync(async zip =>
        {
            foreach ((string name, byte[] content) in files)
            {
                zip.Begin(name, Time, content.Length);
                await PutAsync(zip, content);
                await zip.EndAsync(Token);
            }
        });
        using ZipArchive read = ZipFile.OpenRead(path);
        Assert.Equal(files.Select(static file => file.Name), read.Entries.Select(static entry => entry.FullName));
        foreach ((ZipArchiveEntry entry, (string Name, byte[] Content) file) in read.Entries.Zip(files))
        {
            using var content = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                await stream.CopyToAsync(content, Token);
            }

            Assert.Equal(file.Content, content.ToArray());
            Assert.Equal(entry.CompressedLength, entry.Length);
            Assert.Equal(Time.UtcDateTime, entry.LastWriteTime.DateTime);
        }
    }

    /// <summary>Of the large file only the beginning and the end are on the disk; what is behind it is read.</summary>
    [Fact]
    public async Task A_file_of_more_than_4_GiB_and_what_is_behind_it_are_found()
    {
        const long Large = uint.MaxValue + 10L;
        string path = await WriteAsync(async zip =>
        {
            foreach ((string name, long length) in ((string, long)[])[("just-below", uint.MaxValue - 1L), ("large", Large), ("behind", 5)])
            {
                zip.Begin(name, Time, length);
                for (long left = length; left > 0;)
                {
                    int block = (int)Math.Min(left, 1 << 20);
                    Memory<byte> memory = zip.GetMemory(block);
                    memory.Span.Clear();
                    await zip.AdvanceAsync(memory, Token);
                    left -= block;
                }

                await zip.EndAsync(Token);
            }
        });
        using ZipArchive read = ZipFile.OpenRead(path);
        Assert.Equal(["just-below:4294967294", "large:4294967305", "behind:5"], read.Entries.Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.FullName}:{entry.Length}")));
        await using Stream behind = await read.Entries[2].OpenAsync(Token);
        byte[] content = new byte[6];
        Assert.Equal(5, await behind.ReadAtLeastAsync(content, 6, throwOnEndOfStream: false, Token));
        Assert.Equal(new byte[6], content);
    }

    /// <summary>
    /// The greatest number of a field stands for "in the field of Zip64", so that it must be there for that number too; lenient readers do without. Source: APPNOTE.TXT, sections 4.4.1.4 and 4.5.3.
    /// </summary>
    [Theory]
    [InlineData("length", "0100" + "1000" + "FFFFFFFF00000000" + "FFFFFFFF00000000")]
    [InlineData("offset", "0100" + "0800" + "FFFFFFFF00000000")]
    [InlineData("start", "FFFFFFFF00000000" + "504B0607")]
    [InlineData("count", "504B0606")]
    public async Task What_is_just_as_much_as_a_field_holds_is_in_the_field_of_Zip64(string what, string expected)
    {
        // Header, name, time and descriptor of a file take so many bytes.
        const long FilesOwn = 30 + 1 + 9 + 16;
        string path = await WriteAsync(async zip =>
        {
            if (what == "count")
            {
                for (int i = 0; i < ushort.MaxValue; i++)
                {
                    zip.Begin("a/", Time, 0);
                    await zip.EndAsync(Token);
                }

                return;
            }

            long length = what == "length" ? uint.MaxValue : uint.MaxValue - FilesOwn;
            zip.Begin("a", Time, length);
            for (long left = length; left > 0;)
            {
                Memory<byte> memory = zip.GetMemory((int)Math.Min(left, 1 << 20));
                memory.Span.Clear();
                await zip.AdvanceAsync(memory, Token);
                left -= memory.Length;
            }

            await zip.EndAsync(Token);
            Assert.True(what == "length" || zip.Position == uint.MaxValue);
            if (what == "offset")
            {
                zip.Begin("b", Time, 0);
                await zip.EndAsync(Token);
            }
        });
        await using FileStream file = File.OpenRead(path);
        file.Position = Math.Max(0, file.Length - 300);
        byte[] end = new byte[file.Length - file.Position];
        await file.ReadExactlyAsync(end, Token);
        Assert.Contains(expected, Convert.ToHexString(end), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_534)]
    [InlineData(65_535)]
    [InlineData(70_000)]
    public async Task Any_number_of_files_is_read_back(int count)
    {
        string path = await WriteAsync(async zip =>
        {
            for (int i = 0; i < count; i++)
            {
                zip.Begin(i.ToString(CultureInfo.InvariantCulture), Time, 1);
                await PutAsync(zip, [(byte)i]);
                await zip.EndAsync(Token);
            }
        });
        using ZipArchive read = ZipFile.OpenRead(path);
        Assert.Equal(count, read.Entries.Count);
        if (count > 0)
        {
            using Stream last = await read.Entries[^1].OpenAsync(Token);
            Assert.Equal((byte)(count - 1), last.ReadByte());
        }
    }

    [Theory]
    [InlineData(1601)]
    [InlineData(1970)]
    [InlineData(1979)]
    [InlineData(2107)]
    [InlineData(2108)]
    [InlineData(9999)]
    public async Task A_time_that_the_format_has_not_is_the_nearest_one(int year)
    {
        string path = await WriteAsync(async zip =>
        {
            zip.Begin("a", new DateTimeOffset(year, 6, 1, 0, 0, 0, TimeSpan.Zero), 0);
            await zip.EndAsync(Token);
        });
        using ZipArchive read = ZipFile.OpenRead(path);
        Assert.Equal(Math.Clamp(year, 1980, 2107), read.Entries[0].LastWriteTime.Year);
    }

    /// <summary>What the directory says would be wrong.</summary>
    [Theory]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    [InlineData(0, 1)]
    public async Task A_file_that_has_another_length_than_was_said_ends_the_archive(int said, int had)
    {
        var zip = new ZipWriter(PipeWriter.Create(Stream.Null));
        zip.Begin("a", Time, said);
        await PutAsync(zip, new byte[had]);
        await Assert.ThrowsAsync<IOException>(() => zip.EndAsync(Token).AsTask());
    }

    private static async ValueTask PutAsync(ZipWriter zip, byte[] content)
    {
        if (content.Length > 0)
        {
            Memory<byte> memory = zip.GetMemory(content.Length);
            content.CopyTo(memory);
            await zip.AdvanceAsync(memory, Token);
        }
    }

    private async Task<string> WriteAsync(Func<ZipWriter, Task> write)
    {
        string path = _directory.PathOf("archive.zip");
        await using var file = new SparseStream(path);
        PipeWriter output = PipeWriter.Create(file, new StreamPipeWriterOptions(leaveOpen: true));
        var zip = new ZipWriter(output);
        await write(zip);
        await zip.FinishAsync(Token);
        await output.CompleteAsync();
        Assert.Equal(file.Position, zip.Position);
        return path;
    }

    /// <summary>A file with holes where there are zeros alone.</summary>
    private sealed class SparseStream(string path) : Stream
    {
        private readonly FileStream _file = new(path, FileMode.Create);
        private long _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.ContainsAnyExcept((byte)0))
            {
                _file.Position = _length;
                _file.Write(buffer);
            }

            _length += buffer.Length;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer.AsSpan(offset, count));
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush() => _file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _file.SetLength(_length);
            _file.Dispose();
            base.Dispose(disposing);
        }
    }
}
