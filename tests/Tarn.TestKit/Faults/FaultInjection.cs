using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;
using Tarn.TestKit.Servers;

namespace Tarn.TestKit.Faults;

/// <summary>
/// Makes a server's file calls fail while it runs, below one directory: start the server with <see cref="Environment"/>, then
/// add and remove faults. Also keeps a journal of the calls.
/// </summary>
public sealed class FaultInjection : IDisposable
{
    // The layout of struct board in faults.c.
    private const int EntrySize = 256;
    private const int Rules = 31;
    private const uint Magic = 0x544c4641;
    private const uint JournalCalls = 1;
    private const uint JournalBytes = 2;
    private const int JournallingAt = 4;
    private const int PositionAt = 8;
    private const int AttachedAt = 16;
    private const int RootAt = 20;
    private const int PatternAt = 32;

    private readonly TemporaryDirectory _directory = new("faults");
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _board;
    private readonly bool[] _used = new bool[Rules];

    /// <param name="root">The directory whose files are affected; absolute.</param>
    /// <param name="journal">Whether calls are recorded in the journal.</param>
    /// <param name="bytes">Whether the journal also keeps the bytes of writes.</param>
    public FaultInjection(string root, bool journal = false, bool bytes = false)
    {
        BoardFile = _directory.PathOf("board");
        _file = MemoryMappedFile.CreateFromFile(BoardFile, FileMode.CreateNew, null, EntrySize * (Rules + 1));
        _board = _file.CreateViewAccessor();
        var name = Encoding.UTF8.GetBytes(root + "\0");
        _board.WriteArray(RootAt, name, 0, name.Length);
        _board.Write(JournallingAt, (journal ? JournalCalls : 0u) | (bytes ? JournalBytes : 0u));
        _board.Write(0, Magic);
    }

    /// <summary>Environment variables for the process under test.</summary>
    public IReadOnlyDictionary<string, string?> Environment =>
        new Dictionary<string, string?> { ["LD_PRELOAD"] = FaultShim.Library, ["TARN_TEST_FAULTS"] = BoardFile, ["TARN_TEST_CLONES"] = HasClones ? "1" : null };

    /// <summary>Whether files share their bytes when that is asked for (reflink), as far as the process can see: they are copied.</summary>
    public bool HasClones { get; init; }

    /// <summary>Whether a process has the library loaded.</summary>
    public bool IsAttached => _board.ReadUInt32(AttachedAt) > 0;

    /// <summary>How many beginnings and ends of calls there were so far, as <see cref="FaultEvent.Began"/> counts them.</summary>
    public long Position
    {
        get
        {
            Thread.MemoryBarrier();
            return _board.ReadInt64(PositionAt);
        }
    }

    private string BoardFile { get; }

    /// <summary>Makes calls fail until the fault is disposed.</summary>
    /// <param name="calls">Which calls.</param>
    /// <param name="pattern">A pattern of paths below the root, as in fnmatch(3); <c>*</c> matches slashes too.</param>
    /// <param name="error">The error they return.</param>
    /// <param name="action">How they fail.</param>
    /// <param name="skip">How many calls succeed first.</param>
    /// <param name="times">How many then fail; −1: all.</param>
    public Fault Add(
        FaultCalls calls, string pattern, int error = Errno.Input, FaultAction action = FaultAction.Fail, int skip = 0, int times = -1)
    {
        var number = Array.IndexOf(_used, false);
        _used[number] = true;
        long at = EntrySize * (number + 1);
        _board.Write(at + 4, (uint)calls);
        _board.Write(at + 8, (uint)action);
        _board.Write(at + 12, error);
        _board.Write(at + 16, skip);
        _board.Write(at + 20, times);
        _board.Write(at + 24, 0u);
        var text = Encoding.UTF8.GetBytes(pattern + "\0");
        _board.WriteArray(at + PatternAt, text, 0, text.Length);
        Thread.MemoryBarrier();
        _board.Write(at, 1u);
        return new Fault(_board, at);
    }

    /// <summary>The calls so far, in the order in which they ended.</summary>
    public IReadOnlyList<FaultEvent> ReadJournal()
    {
        var path = BoardFile + ".journal";
        if (!File.Exists(path))
        {
            return [];
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t'))
                .Select(f => new FaultEvent(
                    Number(f[0]), Number(f[1]), f[2], f[3], f[4], Number(f[5]), Number(f[6]), Number(f[7]), (int)Number(f[8]), Number(f[9])))
                .OrderBy(e => e.Ended),
        ];
    }

    /// <summary>The bytes of all writes so far.</summary>
    public byte[] ReadBytes() => File.ReadAllBytes(BoardFile + ".bytes");

    /// <inheritdoc/>
    public void Dispose()
    {
        _board.Dispose();
        _file.Dispose();
        _directory.Dispose();
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One kind of call that fails until this is disposed.</summary>
public sealed class Fault : IDisposable
{
    private readonly MemoryMappedViewAccessor _board;
    private readonly long _at;

    internal Fault(MemoryMappedViewAccessor board, long at)
    {
        _board = board;
        _at = at;
    }

    /// <summary>How many calls failed because of it.</summary>
    public int Hits => _board.ReadInt32(_at + 24);

    /// <inheritdoc/>
    public void Dispose() => _board.Write(_at, 0u);
}
