namespace Tarn.Core.Policy;

/// <summary>A set of actions, one bit each.</summary>
internal readonly record struct ActionSet(UInt128 Bits)
{
    /// <summary>Every action; the shift keeps as many bits as there are actions.</summary>
    public static readonly ActionSet All = new(UInt128.MaxValue >> (128 - S3Actions.All.Count));

    public static ActionSet operator |(ActionSet left, ActionSet right) => new(left.Bits | right.Bits);

    public static ActionSet operator ~(ActionSet set) => new(~set.Bits & All.Bits);

    public static ActionSet Of(S3Action action) => new(UInt128.One << (int)action);

    public bool Contains(S3Action action) => ((Bits >> (int)action) & UInt128.One) != UInt128.Zero;
}
