using Tarn.Tests.Architecture.Samples.Used;

namespace Tarn.Tests.Architecture.Samples.Users;

internal static class User
{
    public static object? Signature(InSignature? used) => used;

    public static object Body() => new InBody();

    public static Func<object> Lambda() => () => new InLambda();

    public static Func<Task<object>> AsynchronousLambda() => async () =>
    {
        await Task.Yield();
        return new InAsynchronousLambda();
    };

    public static IEnumerable<object> Iterator()
    {
        yield return new InIterator();
    }

    public static async IAsyncEnumerable<object> AsynchronousIterator()
    {
        await Task.Yield();
        yield return new InAsynchronousIterator();
    }

    public static object LocalFunction()
    {
        return Local();

        static object Local() => new InLocalFunction();
    }

    public static void Catch(Action act)
    {
        try
        {
            act();
        }
        catch (InCatch)
        {
            Body();
        }
    }

    public static object TypeOf() => typeof(InTypeOf);

    public static object TypeArgument() => Enumerable.Empty<AsTypeArgument>();

    public static object Array() => new InArray[1];

    public static int Extension() => "".Extended();

    [As]
    public static void Attribute()
    {
    }

    internal static class Nested
    {
        public static object Body() => new InNestedType();
    }
}
