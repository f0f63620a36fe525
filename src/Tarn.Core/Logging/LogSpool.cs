using Tarn.Core.Model;

namespace Tarn.Core.Logging;

/// <summary>
/// Lines on disk that wait to be delivered, in segments: lines are added to one of them, which is sealed when it is old or large enough; a sealed one is
/// removed once all of its lines are delivered. One caller adds and seals, another delivers. docs/design/access-logs.md
/// </summary>
public sealed class LogSpool : IDisposable
{
    /// <summary>The maximum time without a try to write after failures.</summary>
    private static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(32);

    private readonly ISpoolFiles _files;
    private readonly LogOptions _options;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;
    private readonly LogTally _tally;
    private readonly ILogEvents _events;
    private readonly Lock _gate = new();
    private readonly List<LogSegment> _sealed = [];

    // Full, old or failed, but not sealed yet: that can fail too.
    private readonly List<LogSegment> _closed = [];
    private OpenSegment? _open;
    private bool _isLoaded;
    private int _failures;
    private long _failedAt;

    /// <summary>Creates the spool; reads nothing yet.</summary>
    public LogSpool(ISpoolFiles files, LogOptions options, TimeProvider clock, IRandomSource random, LogTally tally, ILogEvents events)
    {
        _files = files;
        _options = options;
        _clock = clock;
        _random = random;
        _tally = tally;
        _events = events;
    }

    /// <summary>Bytes on disk.</summary>
    public long Length
    {
        get
        {
            lock (_gate)
            {
                return Segments.Sum(static segment => segment.Length);
            }
        }
    }

    /// <summary>How long the oldest segment waits; zero when none does.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_gate)
            {
                return Segments.Select(segment => segment.AgeAt(_clock)).DefaultIfEmpty().Max();
            }
        }
    }

    /// <summary>Whether a write failed so recently that none is tried: each try could leave a file, and a full disk does not get better by it.</summary>
    internal bool IsResting => _failures > 0 && _clock.GetElapsedTime(_failedAt) < Rest;

    /// <summary>The segments to deliver, oldest first.</summary>
    internal IReadOnlyList<LogSegment> Sealed
    {
        get
        {
            lock (_gate)
            {
                return [.. _sealed];
            }
        }
    }

    private TimeSpan Rest => TimeSpan.FromSeconds(Math.Min(MaxRest.TotalSeconds, Math.Pow(2, _failures)));

    private IEnumerable<LogSegment> Segments => _open is { } open ? [.. _sealed, .. _closed, open.Segment] : [.. _sealed, .. _closed];

    /// <summary>Finds what an earlier process has left. Does nothing once that succeeded.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public void Load()
    {
        if (_isLoaded)
        {
            return;
        }

        long now = _clock.GetTimestamp();
        foreach ((string file, long length) in _files.List().OrderBy(static file => file.Name, StringComparer.Ordinal))
        {
            if (file.EndsWith(SpoolDirectory.Unfinished, StringComparison.Ordinal))
            {
                Try(() => _files.Delete(file));
            }
            else if (SegmentName.TryParse(file, out SegmentName name))
            {
                TimeSpan age = _clock.GetUtcNow() - name.Opened;
                lock (_gate)
                {
                    (name.Sealed is null ? _closed : _sealed).Add(new LogSegment(name, length, now, age > TimeSpan.Zero ? age : default));
                }
            }
        }

        _isLoaded = true;
    }

    /// <summary>Adds lines, and returns once they are durable.</summary>
    /// <param name="batches">The lines, each batch of one destination and day.</param>
    /// <returns>How many lines did not fit and are lost.</returns>
    /// <exception cref="IOException">All of them may be lost.</exception>
    internal long Append(IReadOnlyList<LogBatch> batches)
    {
        bool isWhole = false;
        try
        {
            Load();
            long lost = 0;
            (long left, Dictionary<string, long> owners) = Room();
            foreach (LogBatch batch in batches)
            {
                int number = NumberOf(batch.Destination, out bool isNew);
                byte[] destination = isNew ? SegmentFormat.Destination(number, batch.Destination) : [];
                byte[] lines = SegmentFormat.Lines(number, batch.Day, batch.Count, batch.Text);
                int size = destination.Length + lines.Length;

                // An owner gets as much as is left for the others.
                long used = owners.GetValueOrDefault(batch.Destination.OwnerId) + size;
                if (size > left || used > left)
                {
                    lost += batch.Count;
                    continue;
                }

                Write(batch, isNew ? number : null, destination, lines);
                left -= size;
                owners[batch.Destination.OwnerId] = used;
            }

            _open?.File.Sync();
            _failures = 0;
            isWhole = true;
            return lost;
        }
        finally
        {
            if (!isWhole)
            {
                // What is in the file up to here may be durable; nothing may follow what is not.
                (_failures, _failedAt) = (_failures + 1, _clock.GetTimestamp());
                Close();
            }
        }
    }

    /// <summary>Seals what is old or large enough, so that it is delivered. A file that fails is reported, tried again with the next call, and holds up no other.</summary>
    internal void SealDue()
    {
        if (_open is { } open && (open.LineBytes >= _options.SegmentBytes || open.Segment.AgeAt(_clock) >= _options.Interval))
        {
            Close();
        }

        LogSegment[] closed;
        lock (_gate)
        {
            closed = [.. _closed];
        }

        foreach (LogSegment segment in closed)
        {
            Try(() => Seal(segment));
        }
    }

    /// <summary>Reads a sealed segment; null when its file is gone, which is counted.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal byte[]? Read(LogSegment segment)
    {
        byte[]? content = _files.Read(segment.File);
        if (content is null)
        {
            Forget(_sealed, segment, isLost: true);
        }

        return content;
    }

    /// <summary>Notes what a segment has, as it was read.</summary>
    internal void Know(LogSegment segment, long length, IReadOnlyList<SegmentLines> lines)
    {
        lock (_gate)
        {
            (segment.Length, segment.Lines) = (length, lines.Sum(static it => (long)it.Count));
            segment.Owners = lines.GroupBy(static it => it.Destination.OwnerId).ToDictionary(static it => it.Key, static it => it.Sum(static part => (long)part.Text.Length));
        }
    }

    /// <summary>Removes a segment of which nothing is to be delivered any more.</summary>
    /// <exception cref="IOException">That failed; it is to be tried again.</exception>
    internal void Remove(LogSegment segment)
    {
        segment.IsDone = true;
        _files.Delete(segment.File);
        Forget(_sealed, segment, isLost: false);
    }

    /// <summary>Replaces the content of a segment by the lines that are still to be delivered. Destinations keep their numbers, and so objects their keys.</summary>
    /// <exception cref="IOException">That failed: the segment is as it was.</exception>
    internal void Keep(LogSegment segment, IReadOnlyList<SegmentLines> lines)
    {
        using var content = new MemoryStream();
        var numbered = new HashSet<int>();
        foreach (SegmentLines kept in lines)
        {
            if (numbered.Add(kept.Number))
            {
                content.Write(SegmentFormat.Destination(kept.Number, kept.Destination));
            }

            content.Write(SegmentFormat.Lines(kept.Number, kept.Day, kept.Count, kept.Text.Span));
        }

        _files.Replace(segment.File, content.ToArray());
        Know(segment, content.Length, lines);
    }

    /// <summary>Closes the open file. What is in it stays, for the next process.</summary>
    public void Dispose() => Close();

    /// <summary>Bytes that are left, and those that each owner uses.</summary>
    private (long Left, Dictionary<string, long> Owners) Room()
    {
        lock (_gate)
        {
            var owners = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach ((string owner, long bytes) in Segments.SelectMany(static segment => segment.Owners))
            {
                owners[owner] = owners.GetValueOrDefault(owner) + bytes;
            }

            return (_options.SpoolBytes - Segments.Sum(static segment => segment.Length), owners);
        }
    }

    private int NumberOf(LogDestination destination, out bool isNew)
    {
        int number = 0;
        isNew = _open?.Numbers.TryGetValue(destination, out number) is not true;
        return isNew ? (_open?.Numbers.Count ?? 0) + 1 : number;
    }

    private void Write(LogBatch batch, int? newNumber, byte[] destination, byte[] lines)
    {
        OpenSegment open = _open ?? Create();
        if (newNumber is { } number)
        {
            open.File.Append(destination);
            open.Numbers.Add(batch.Destination, number);
        }

        open.File.Append(lines);
        open.LineBytes += lines.Length;
        lock (_gate)
        {
            LogSegment segment = open.Segment;
            segment.Length += destination.Length + lines.Length;
            segment.Lines += batch.Count;
            segment.Owners[batch.Destination.OwnerId] = segment.Owners.GetValueOrDefault(batch.Destination.OwnerId) + destination.Length + lines.Length;
        }
    }

    private OpenSegment Create()
    {
        var name = new SegmentName(DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds()), Id128.Create(_random), null);
        var open = new OpenSegment(new LogSegment(name, 0, _clock.GetTimestamp(), default) { Lines = 0 }, _files.Create(name.ToString()));
        lock (_gate)
        {
            _open = open;
        }

        return open;
    }

    private void Close()
    {
        lock (_gate)
        {
            if (_open is { } open)
            {
                open.Segment.Length = RealLength(open);
                _closed.Add(open.Segment);
                _open = null;
                open.File.Dispose();
            }
        }
    }

    /// <summary>The length of the file: a write that failed may have left some of its bytes.</summary>
    private static long RealLength(OpenSegment open)
    {
        try
        {
            return open.File.Length;
        }
        catch (IOException)
        {
            // What is known of it will do until it is read.
            return open.Segment.Length;
        }
    }

    private void Seal(LogSegment segment)
    {
        if (segment.Lines == 0)
        {
            _files.Delete(segment.File);
            Forget(_closed, segment, isLost: false);
        }
        else if (_files.Rename(segment.File, segment.NameSealed(_clock).ToString()))
        {
            lock (_gate)
            {
                segment.Seal();
                _closed.Remove(segment);
                _sealed.Add(segment);
            }
        }
        else
        {
            Forget(_closed, segment, isLost: true);
        }
    }

    /// <summary>Removes a segment that has no file any more from the list that has it.</summary>
    private void Forget(List<LogSegment> list, LogSegment segment, bool isLost)
    {
        lock (_gate)
        {
            list.Remove(segment);
        }

        if (isLost)
        {
            // Of a file that was never read nobody knows the number: one, so that the loss is seen.
            _tally.AddLost(LogLoss.Spool, segment.Lines ?? 1);
            _events.Missing(segment.File, segment.Length);
        }
    }

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _events.SpoolFailed(e);
        }
    }

    private sealed class OpenSegment(LogSegment segment, ISpoolFile file)
    {
        public LogSegment Segment { get; } = segment;

        public ISpoolFile File { get; } = file;

        /// <summary>Without what only says where the lines go.</summary>
        public long LineBytes { get; set; }

        public Dictionary<LogDestination, int> Numbers { get; } = [];
    }
}

/// <summary>Lines of one destination and day, to be written to the spool.</summary>
/// <param name="Destination">Where they go.</param>
/// <param name="Day">The day of the requests, in UTC, as <see cref="DateOnly.DayNumber"/>.</param>
/// <param name="Count">How many.</param>
/// <param name="Text">The lines, each with its end.</param>
internal readonly record struct LogBatch(LogDestination Destination, int Day, int Count, byte[] Text);
