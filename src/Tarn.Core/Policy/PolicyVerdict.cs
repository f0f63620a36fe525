namespace Tarn.Core.Policy;

/// <summary>A policy's outcome for a request.</summary>
public enum PolicyOutcome : byte
{
    /// <summary>No statement applies: the request is denied unless something else allows it.</summary>
    NoMatch,

    /// <summary>A statement allows it and none denies it.</summary>
    Allow,

    /// <summary>A statement denies it; nothing else can allow it.</summary>
    ExplicitDeny,
}

/// <summary>An outcome, and the statement it came from.</summary>
/// <param name="Policy">Name of the organization policy, or Id of the bucket policy, or null where it has none.</param>
/// <param name="Sid">The statement's Sid or name, or null where it has none.</param>
/// <param name="Statement">Position of the statement in its policy from 0; -1 with <see cref="PolicyOutcome.NoMatch"/>.</param>
public readonly record struct PolicyVerdict(PolicyOutcome Outcome, string? Policy, string? Sid, int Statement)
{
    /// <summary>No statement applies.</summary>
    public static readonly PolicyVerdict NoMatch = new(PolicyOutcome.NoMatch, null, null, -1);

    /// <summary>One line for logs and explanations: <c>ExplicitDeny by statement 2 "DenyPlaintext" of policy "p"</c>.</summary>
    public override string ToString()
    {
        if (Outcome == PolicyOutcome.NoMatch)
        {
            return "NoMatch";
        }

        string sid = Sid is null ? "" : $" \"{Sid}\"";
        string policy = Policy is null ? "" : $" of policy \"{Policy}\"";
        return $"{Outcome} by statement {Statement}{sid}{policy}";
    }
}
