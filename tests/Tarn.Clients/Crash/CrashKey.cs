namespace Tarn.Clients.Crash;

/// <summary>A key and what it may hold: one state when all was acknowledged, two after an unanswered request.</summary>
internal sealed class CrashKey(string name)
{
    /// <summary>The object key.</summary>
    public string Name { get; } = name;

    /// <summary>The last acknowledged content; null: no object.</summary>
    public CrashContent? Acknowledged { get; private set; }

    /// <summary>Whether a request got no answer, so that <see cref="Attempted"/> may hold as well.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>What that request would have left; null: no object.</summary>
    public CrashContent? Attempted { get; private set; }

    /// <summary>Before a request: from here on both states are possible.</summary>
    public void Begin(CrashContent? next) => (Attempted, IsUncertain) = (next, true);

    /// <summary>After its answer: only the new state is.</summary>
    public void Acknowledge() => (Acknowledged, Attempted, IsUncertain) = (Attempted, null, false);

    /// <summary>After a crash: what was read decides which of the states it is. False: none of them.</summary>
    /// <param name="read">The object's bytes, or null when there is no object.</param>
    public bool Resolve(byte[]? read)
    {
        if (Holds(Acknowledged, read))
        {
            (Attempted, IsUncertain) = (null, false);
            return true;
        }

        if (IsUncertain && Holds(Attempted, read))
        {
            Acknowledge();
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: acknowledged {Acknowledged?.ToString() ?? "nothing"}"
        + (IsUncertain ? $", attempted {Attempted?.ToString() ?? "deletion"}" : "");

    private static bool Holds(CrashContent? content, byte[]? read) =>
        content is null ? read is null : read is not null && content.Matches(read);
}
