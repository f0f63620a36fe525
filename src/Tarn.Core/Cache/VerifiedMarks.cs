namespace Tarn.Core.Cache;

/// <summary>
/// Which blocks of a stored frame were verified lately, so that reads from the page cache need not verify them again. A block is trusted for at least one lifetime and at most two, like those of
/// blobs. 64 bits: those of this lifetime and of the one before, the lifetime's number, and how often the marks were forgotten.
/// </summary>
internal struct VerifiedMarks
{
    /// <summary>Half of the longest time that a verified block is trusted to be the same in the page cache.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int PeriodAt = 32;
    private const int ForgottenAt = 52;
    private const ulong PeriodMask = (1UL << (ForgottenAt - PeriodAt)) - 1;

    private ulong _marks;

    /// <summary>The number of the lifetime that a time belongs to.</summary>
    public static ulong Period(TimeProvider time) => (ulong)(time.GetTimestamp() / (long)(time.TimestampFrequency * Lifetime.TotalSeconds)) & PeriodMask;

    /// <summary>The bits of a run of blocks.</summary>
    public static uint Bits(int first, int last) => (uint)((2 << last) - (1 << first));

    /// <summary>Whether all blocks are trusted.</summary>
    public readonly bool Has(uint bits, ulong period) => (bits & ~Trusted(Volatile.Read(in _marks), period)) == 0;

    /// <summary>Taken before blocks are read: if they are forgotten meanwhile, what was read may not be what is in memory afterwards.</summary>
    public readonly ulong Begin() => Volatile.Read(in _marks) >> ForgottenAt;

    /// <summary>Trusts blocks that were read since <see cref="Begin"/> and verified.</summary>
    public void Add(ulong begun, uint bits, ulong period)
    {
        ulong marks = Volatile.Read(ref _marks);
        while (marks >> ForgottenAt == begun)
        {
            (uint young, uint old) = Of(marks, period);
            ulong wanted = (begun << ForgottenAt) | (period << PeriodAt) | (old << 16) | young | bits;
            ulong found = Interlocked.CompareExchange(ref _marks, wanted, marks);
            if (found == marks)
            {
                return;
            }

            marks = found;
        }
    }

    /// <summary>Trusts none any more.</summary>
    public void Forget()
    {
        ulong marks = Volatile.Read(ref _marks);
        while (true)
        {
            ulong found = Interlocked.CompareExchange(ref _marks, ((marks >> ForgottenAt) + 1) << ForgottenAt, marks);
            if (found == marks)
            {
                return;
            }

            marks = found;
        }
    }

    private static uint Trusted(ulong marks, ulong period)
    {
        (uint young, uint old) = Of(marks, period);
        return young | old;
    }

    private static (uint Young, uint Old) Of(ulong marks, ulong period)
    {
        ulong noted = (marks >> PeriodAt) & PeriodMask;
        uint young = (uint)marks & 0xFFFF, old = (uint)(marks >> 16) & 0xFFFF;
        return noted == period ? (young, old) : ((noted + 1) & PeriodMask) == period ? (0u, young) : (0u, 0u);
    }
}
