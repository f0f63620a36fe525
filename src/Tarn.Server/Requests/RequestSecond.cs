using Tarn.Core.Samples;

namespace Tarn.Server.Requests;

/// <summary>What requests did in about a second.</summary>
/// <param name="Ended">When it ended.</param>
/// <param name="Length">How long it was: a busy timer may be late.</param>
/// <param name="Done">What was done.</param>
/// <param name="P50">The time that half of the requests took at most, from their head to the end of their answer; null if none ended.</param>
/// <param name="P99">The time that 99 of 100 took at most; null if none ended.</param>
internal readonly record struct RequestSecond(DateTimeOffset Ended, TimeSpan Length, BucketActivity Done, TimeSpan? P50, TimeSpan? P99);
