namespace Tarn.Core.Consistency;

/// <summary>A row that refers to a piece of data.</summary>
/// <param name="Row">The key of the row: of an object, of a part, or of a part of a manifest.</param>
/// <param name="Reference">Which holder of the data it is.</param>
/// <param name="Start">Where in the data it begins.</param>
/// <param name="End">How far into the data it reaches: bytes of a blob, bytes of a small object, rows of a manifest.</param>
/// <param name="Stored">Bytes that are stored: of the whole blob, or of the row of a small object; 0 if an older build did not note it.</param>
/// <param name="Part">The number of the part; 0 for an object.</param>
internal readonly record struct Holder(byte[] Row, ulong Reference, long Start, long End, long Stored, int Part);

/// <summary>What the rows say of one blob, of one row of a small object, or of one manifest.</summary>
internal sealed class Piece
{
    private readonly List<Holder> _holders = new(1);
    private List<ulong>? _references;

    /// <summary>The rows that refer to it.</summary>
    public IReadOnlyList<Holder> Holders => _holders;

    /// <summary>The references that have a row.</summary>
    public IReadOnlyList<ulong> References => _references ?? [];

    /// <summary>Whether it will be removed if nothing refers to it.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Whether it is there.</summary>
    public bool IsFound { get; set; }

    /// <summary>The rows of a manifest that are there.</summary>
    public int Rows { get; set; }

    /// <summary>How far the holders reach.</summary>
    public long End { get; private set; }

    /// <summary>Bytes of the whole blob as the holders noted it; 0 if none did.</summary>
    public long Stored { get; private set; }

    public void Add(Holder holder)
    {
        _holders.Add(holder);
        End = Math.Max(End, holder.End);
        Stored = Math.Max(Stored, holder.Stored);
    }

    public void AddReference(ulong reference) => (_references ??= []).Add(reference);
}
