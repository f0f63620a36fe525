namespace Tarn.Tests.Sharing;

/// <summary>The system's clock, set ahead by a chosen time.</summary>
internal sealed class MovedTime : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
