using System.Globalization;
using System.Net;

namespace Tarn.Core.Policy;

/// <summary>A request's values for a condition key: none (<c>default</c>), one, or several.</summary>
public readonly struct ConditionValue
{
    private readonly Kind _kind;
    private readonly object? _object;
    private readonly long _number;

    private ConditionValue(Kind kind, object? value, long number)
    {
        _kind = kind;
        _object = value;
        _number = number;
    }

    private enum Kind : byte
    {
        Absent,
        Text,
        Texts,
        Address,
        Time,
        Number,
        Flag,
    }

    /// <summary>Whether the request does not have the key.</summary>
    public bool IsAbsent => _kind == Kind.Absent;

    /// <summary>How many values there are.</summary>
    public int Count => _kind switch
    {
        Kind.Absent => 0,
        Kind.Texts => ((IReadOnlyList<string>)_object!).Count,
        _ => 1,
    };

    /// <summary>One text; absent for null.</summary>
    public static ConditionValue Of(string? text) => text is null ? default : new(Kind.Text, text, 0);

    /// <summary>Several texts; an empty list counts as absent.</summary>
    public static ConditionValue Of(IReadOnlyList<string> texts) => texts.Count == 0 ? default : new(Kind.Texts, texts, 0);

    /// <summary>A client's address; absent for null. An IPv4-mapped IPv6 address becomes the IPv4 address.</summary>
    public static ConditionValue Of(IPAddress? address) => address is null ? default : new(Kind.Address, address, 0);

    /// <summary>An instant.</summary>
    public static ConditionValue Of(DateTimeOffset time) => new(Kind.Time, null, time.UtcTicks);

    /// <summary>A number.</summary>
    public static ConditionValue Of(long number) => new(Kind.Number, null, number);

    /// <summary>A flag, <c>true</c> or <c>false</c> as text.</summary>
    public static ConditionValue Of(bool flag) => new(Kind.Flag, null, flag ? 1 : 0);

    /// <summary>The value at a position as text. Allocates unless the value is a text or a flag.</summary>
    public string TextAt(int index) => _kind switch
    {
        Kind.Text => (string)_object!,
        Kind.Texts => ((IReadOnlyList<string>)_object!)[index],
        Kind.Address => Plain((IPAddress)_object!).ToString(),
        Kind.Time => new DateTime(_number, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Kind.Number => _number.ToString(CultureInfo.InvariantCulture),
        Kind.Flag => _number == 0 ? "false" : "true",
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>The address at a position; null when the value is not an address.</summary>
    internal IPAddress? AddressAt(int index) =>
        _kind == Kind.Address ? Plain((IPAddress)_object!)
        : IPAddress.TryParse(TextAt(index), out IPAddress? parsed) ? Plain(parsed) : null;

    /// <summary>The number at a position; null when the value is not a number.</summary>
    internal decimal? NumberAt(int index) => _kind switch
    {
        Kind.Number => _number,
        Kind.Time => new DateTimeOffset(_number, TimeSpan.Zero).ToUnixTimeSeconds(),
        _ => ConditionText.TryNumber(TextAt(index), out decimal number) ? number : null,
    };

    /// <summary>The instant at a position; null when the value is not a time.</summary>
    internal DateTimeOffset? TimeAt(int index) =>
        _kind == Kind.Time ? new DateTimeOffset(_number, TimeSpan.Zero)
        : ConditionText.TryTime(TextAt(index), out DateTimeOffset time) ? time : null;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
