namespace Tarn.Tests.Architecture.Samples.Used;

// One type for each place where code can name one.
internal sealed class InSignature;

internal sealed class InBody;

internal sealed class InLambda;

internal sealed class InAsynchronousLambda;

internal sealed class InIterator;

internal sealed class InAsynchronousIterator;

internal sealed class InLocalFunction;

internal sealed class InNestedType;

internal sealed class InCatch : Exception;

internal sealed class InTypeOf;

internal sealed class AsTypeArgument;

internal sealed class InArray;

internal static class ThroughExtension
{
    public static int Extended(this string text) => text.Length;
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class AsAttribute : Attribute;
