using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>Which half of a pass is under way. The numbers are persisted.</summary>
internal enum ScrubPhase : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The data that rows refer to is read.</summary>
    Data = 1,

    /// <summary>Blobs are looked for that no row refers to.</summary>
    Orphans = 2,
}

/// <summary>The persisted progress of the pass under way, the result of the last one, and what the operator ordered. docs/design/records.md.</summary>
internal sealed record ScrubState
{
    /// <summary>So many failures of a pass are kept as text; all are counted.</summary>
    public const int MaxFailures = 50;

    private const byte Marker = 1;

    public ScrubPhase Phase { get; init; }

    /// <summary>Whether an operator paused it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether an operator asked for a pass that has not begun yet.</summary>
    public bool IsRequested { get; init; }

    /// <summary>When the pass under way began, Unix milliseconds.</summary>
    public long Began { get; init; }

    /// <summary>The key of the row from which the walk continues; empty at the start.</summary>
    public byte[] Position { get; init; } = [];

    /// <summary>The last piece of data of that row that is done; null when none is.</summary>
    public Id128? DoneInRow { get; init; }

    /// <summary>The manifest or the upload that has it.</summary>
    public Id128? DoneOf { get; init; }

    public ScrubCounts Counts { get; init; } = new();

    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>When the last finished pass began, and ended, Unix milliseconds; 0 when there is none.</summary>
    public long LastBegan { get; init; }

    public long LastFinished { get; init; }

    public ScrubCounts LastCounts { get; init; } = new();

    public IReadOnlyList<string> LastFailures { get; init; } = [];

    /// <summary>For how long the store has been served in all, in milliseconds, whatever the clock was set to.</summary>
    public long Served { get; init; }

    /// <summary>Notes something that could not be read.</summary>
    public ScrubState Failed(string what) => Noted(what) with { Counts = Counts with { Failures = Counts.Failures + 1 } };

    /// <summary>Notes something else that is told with that.</summary>
    public ScrubState Noted(string what) => this with { Failures = Failures.Count < MaxFailures ? [.. Failures, what] : Failures };

    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Number(1, (ulong)Phase)
            .Number(2, IsPaused ? 1UL : 0UL)
            .Number(3, IsRequested ? 1UL : 0UL)
            .Number(4, Began)
            .Bytes(5, Position)
            .Nested(7, Counts.Write);
        if (DoneInRow is { } done)
        {
            writer.Id(6, done);
        }

        if (DoneOf is { } of)
        {
            writer.Id(13, of);
        }

        foreach (string failure in Failures)
        {
            writer.Text(8, failure);
        }

        writer.Number(9, LastBegan).Number(10, LastFinished).Nested(11, LastCounts.Write);
        foreach (string failure in LastFailures)
        {
            writer.Text(12, failure);
        }

        return writer.Number(14, Served).ToArray();
    }

    /// <exception cref="RecordFormatException">The bytes are not such a record, or a newer Tarn wrote them.</exception>
    public static ScrubState Decode(ReadOnlySpan<byte> bytes)
    {
        var state = new ScrubState();
        var failures = new List<string>();
        var lastFailures = new List<string>();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: state = state with { Phase = (ScrubPhase)reader.Number }; break;
                case 2: state = state with { IsPaused = reader.Number != 0 }; break;
                case 3: state = state with { IsRequested = reader.Number != 0 }; break;
                case 4: state = state with { Began = reader.Signed }; break;
                case 5: state = state with { Position = reader.Bytes.ToArray() }; break;
                case 6: state = state with { DoneInRow = reader.Id }; break;
                case 7: state = state with { Counts = ScrubCounts.Read(reader.Nested()) }; break;
                case 8: failures.Add(reader.Text); break;
                case 9: state = state with { LastBegan = reader.Signed }; break;
                case 10: state = state with { LastFinished = reader.Signed }; break;
                case 11: state = state with { LastCounts = ScrubCounts.Read(reader.Nested()) }; break;
                case 13: state = state with { DoneOf = reader.Id }; break;
                case 12: lastFailures.Add(reader.Text); break;
                case 14: state = state with { Served = reader.Signed }; break;
            }
        }

        return state with { Failures = failures, LastFailures = lastFailures };
    }
}
