namespace Tarn.Core.Policy.Decisions;

/// <summary>The values that a condition has in the policy, and how one value of a request is compared with them.</summary>
internal abstract class ConditionTest
{
    /// <summary>Whether the request's value at a position matches any of the policy's.</summary>
    public abstract Fit Matches(in ConditionValue value, int index, in Evaluation evaluation);
}

/// <summary>A comparison of values that are the same for every request.</summary>
internal sealed class ValueTest<T>(T[] values, Func<ConditionValue, int, T?> read, Func<T, T, bool> fits) : ConditionTest
    where T : struct
{
    public override Fit Matches(in ConditionValue value, int index, in Evaluation evaluation)
    {
        if (read(value, index) is not { } given)
        {
            return Fit.Unreadable;
        }

        foreach (T wanted in values)
        {
            if (fits(given, wanted))
            {
                return Fit.Yes;
            }
        }

        return Fit.No;
    }
}

/// <summary>BinaryEquals: the bytes that Base64 stands for.</summary>
internal sealed class BytesTest(byte[][] values) : ConditionTest
{
    public override Fit Matches(in ConditionValue value, int index, in Evaluation evaluation)
    {
        if (ConditionText.Bytes(value.TextAt(index)) is not { } given)
        {
            return Fit.Unreadable;
        }

        foreach (byte[] wanted in values)
        {
            if (wanted.AsSpan().SequenceEqual(given))
            {
                return Fit.Yes;
            }
        }

        return Fit.No;
    }
}

/// <summary>IpAddress: ranges of addresses.</summary>
internal sealed class AddressTest(AddressRange[] ranges) : ConditionTest
{
    public override Fit Matches(in ConditionValue value, int index, in Evaluation evaluation)
    {
        if (value.AddressAt(index) is not { } address)
        {
            return Fit.Unreadable;
        }

        foreach (AddressRange range in ranges)
        {
            if (range.Contains(address))
            {
                return Fit.Yes;
            }
        }

        return Fit.No;
    }
}
