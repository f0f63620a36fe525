using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Tarn.Core.Buckets;
using Tarn.Core.Model;

namespace Tarn.Core.Logging;

/// <summary>
/// The keys of delivered logs. A segment's lines get the same keys however often they are delivered, so that a delivery that is repeated after a crash
/// finds what the first one has written. Source: Amazon S3 User Guide, "Logging requests with server access logging", "Log object key format".
/// </summary>
public static class LogObjectKey
{
    /// <summary>The day of every line where the key does not depend on it.</summary>
    internal const int AnyDay = 0;

    /// <summary>The maximum length of the name of a region, which may change between the setting and the delivery.</summary>
    private const int MaxRegion = 64;

    /// <summary>An example of the keys of a destination's logs, as long as any; false when it would be longer than a key can be.</summary>
    public static bool TryCreateExample(LogDestination destination, out ObjectKey key)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return TryCreate(destination with { Region = new string('r', MaxRegion) }, AnyDay, DateTimeOffset.UnixEpoch, Unique(default, 0, AnyDay), out key);
    }

    /// <summary>The day in the key's partition; <see cref="AnyDay"/> where lines of all days share an object.</summary>
    /// <param name="format">The format.</param>
    /// <param name="day">The day of the requests, as <see cref="DateOnly.DayNumber"/>.</param>
    internal static int Partition(LogKeyFormat format, int day) => format == LogKeyFormat.ByEventTime ? day : AnyDay;

    /// <summary>The key; false when it would be longer than a key can be.</summary>
    /// <param name="destination">Where the lines go.</param>
    /// <param name="partition">From <see cref="Partition"/>.</param>
    /// <param name="delivered">The time of delivery.</param>
    /// <param name="unique">From <see cref="Unique"/>.</param>
    /// <param name="key">The key.</param>
    internal static bool TryCreate(LogDestination destination, int partition, DateTimeOffset delivered, string unique, out ObjectKey key)
    {
        BucketLogging logging = destination.Logging;
        DateTime time = logging.Format == LogKeyFormat.ByEventTime ? DateOnly.FromDayNumber(partition).ToDateTime(default) : delivered.UtcDateTime;
        string name = time.ToString("yyyy'-'MM'-'dd'-'HH'-'mm'-'ss", CultureInfo.InvariantCulture) + "-" + unique;
        string text = logging.Format is LogKeyFormat.ByEventTime or LogKeyFormat.ByDeliveryTime
            ? $"{logging.TargetPrefix}{destination.Account}/{destination.Region}/{destination.Source}/{time.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture)}/{name}"
            : logging.TargetPrefix + name;
        return ObjectKey.TryCreate(text, out key);
    }

    /// <summary>Sixteen upper-case hexadecimal digits, the same for the same lines.</summary>
    /// <param name="segment">The segment that has the lines.</param>
    /// <param name="number">The number of their destination in it.</param>
    /// <param name="partition">From <see cref="Partition"/>.</param>
    internal static string Unique(Id128 segment, int number, int partition)
    {
        Span<byte> bytes = stackalloc byte[Id128.Size + 8];
        segment.Write(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[Id128.Size..], number);
        BinaryPrimitives.WriteInt32BigEndian(bytes[(Id128.Size + 4)..], partition);
        return Convert.ToHexString(SHA256.HashData(bytes).AsSpan(0, 8));
    }
}
