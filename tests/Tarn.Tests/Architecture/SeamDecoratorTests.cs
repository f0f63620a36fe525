using System.Reflection;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Core.Blobs;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Server.Backups;
using Tarn.Server.Hosting;

namespace Tarn.Tests.Architecture;

/// <summary>
/// Stores implement more than the seams, and code asks a store for that with <c>is</c>: a decorator that does not pass it on turns a feature off without a trace. Each decorator passes on what
/// there is, but for what is listed here.
/// </summary>
public sealed class SeamDecoratorTests
{
    private static readonly Type[] Seams = [typeof(IKeyValueStore), typeof(IBlobStore)];

    /// <summary>What a decorator does not pass on, and why that is not missed.</summary>
    private static readonly Dictionary<Type, (string Why, Type[] Optional)> Withheld = new()
    {
        [typeof(MeasuredKeyValueStore)] = ("asked of Engines.Metadata and of the sides of a mirror", [typeof(ICheckpointable), typeof(IFlushableStore), typeof(IReservingStore), typeof(IVerifiableStore)]),
        [typeof(MirroredKeyValueStore)] = ("the mirror itself asks each side", [typeof(IFlushableStore), typeof(IReservingStore)]),
        [typeof(WithSetAside)] = ("a rebuild only reads", [typeof(IBlobRepair), typeof(IReplacingBlobs), typeof(ISetAsideStore)]),
        [typeof(LinklessBlobs)] = ("backups have neither orphans nor repairs", [typeof(IBlobRepair), typeof(IReplacingBlobs), typeof(ISetAsideStore)]),
    };

    private static Type[] Types { get; } =
        [.. new[] { typeof(IKeyValueStore).Assembly, typeof(RocksDbKeyValueStore).Assembly, typeof(Composition).Assembly }.SelectMany(static assembly => assembly.GetTypes())];

    /// <summary>Those that are given a store of the same seam, or the mirror, which has two.</summary>
    public static TheoryData<string> Decorators => [.. Types.Where(IsDecorator).Select(static type => type.Name)];

    [Fact]
    public void Decorators_are_found_whatever_form_their_stores_come_in()
    {
        Assert.Superset(new HashSet<Type>([.. Withheld.Keys, typeof(MirroredBlobStore)]), Types.Where(IsDecorator).ToHashSet());
        Assert.All((Type[])[typeof(IBlobStore), typeof(FileBlobStore), typeof(IReadOnlyList<IBlobStore>), typeof(IBlobStore[]), typeof(Func<int, IBlobStore>), typeof(Lazy<Task<FileBlobStore>>), typeof(Mirror)], type => Assert.True(Gives(type, typeof(IBlobStore)), type.Name));
        Assert.All((Type[])[typeof(IKeyValueStore), typeof(Func<int, IBlobReader>), typeof(string[])], type => Assert.False(Gives(type, typeof(IBlobStore)), type.Name));
    }

    [Theory]
    [MemberData(nameof(Decorators))]
    public void A_decorator_has_every_optional_interface_of_stores_but_those_that_are_listed(string name)
    {
        Type decorator = Types.Single(type => IsDecorator(type) && type.Name == name);
        Type seam = Seams.Single(seam => seam.IsAssignableFrom(decorator));
        Type[] optional = [.. Types.Where(type => type.IsClass && seam.IsAssignableFrom(type)).SelectMany(static type => type.GetInterfaces()).Distinct().Where(type => IsOptional(type, seam))];
        Assert.NotEmpty(optional);
        Assert.Equal(
            (Withheld.TryGetValue(decorator, out (string Why, Type[] Optional) withheld) ? withheld.Optional : []).Select(static type => type.Name).Order(StringComparer.Ordinal),
            optional.Where(type => !type.IsAssignableFrom(decorator)).Select(static type => type.Name).Order(StringComparer.Ordinal));
    }

    // The mirror, which has two stores, runs the contracts of stores, and so do the blobs of backups through theirs.
    [Fact]
    public void The_store_that_measures_hands_every_call_to_the_one_inside() =>
        ExpectForwarding<IEverything>(static inner => new MeasuredKeyValueStore(inner));

    [Fact]
    public void Blobs_with_those_set_aside_hand_every_read_to_the_store_inside_and_refuse_to_write() => ExpectForwarding<IBlobStore>(
        static inner => new WithSetAside(inner, DispatchProxy.Create<ISetAsideStore, Recorder>()),
        nameof(IBlobStore.CreateAsync), nameof(IBlobStore.CreateCopyAsync), nameof(IBlobStore.SealAsync), nameof(IBlobStore.DeleteAsync));

    private static void ExpectForwarding<TInner>(Func<TInner, object> decorate, params string[] refused)
        where TInner : class
    {
        TInner inner = DispatchProxy.Create<TInner, Recorder>();
        var recorder = (Recorder)(object)inner;
        object outer = decorate(inner);
        foreach (MethodInfo method in outer.GetType().GetInterfaces().Where(static type => type != typeof(IAsyncDisposable)).SelectMany(static type => type.GetMethods()))
        {
            recorder.Called.Clear();
            object?[] arguments = [.. method.GetParameters().Select(static parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];
            if (refused.Contains(method.Name))
            {
                Assert.IsType<InvalidOperationException>(Assert.Throws<TargetInvocationException>(() => method.Invoke(outer, arguments)).InnerException);
                Assert.Empty(recorder.Called);
            }
            else
            {
                method.Invoke(outer, arguments);
                Assert.Equal(method, Assert.Single(recorder.Called));
            }
        }
    }

    private static bool IsDecorator(Type type) => type is { IsClass: true, IsAbstract: false } && Seams.Any(seam => seam.IsAssignableFrom(type)
        && type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).SelectMany(static constructor => constructor.GetParameters())
            .Any(parameter => Gives(parameter.ParameterType, seam)));

    /// <summary>Whether a store of the seam comes from a parameter: itself, or from a list, a function or the like.</summary>
    private static bool Gives(Type parameter, Type seam) => seam.IsAssignableFrom(parameter) || parameter == typeof(Mirror)
        || (parameter.GetElementType() is { } element && Gives(element, seam)) || parameter.GetGenericArguments().Any(argument => Gives(argument, seam));

    private static bool IsOptional(Type type, Type seam) => type.Assembly == seam.Assembly && type != seam && !type.IsAssignableFrom(seam);

    /// <summary>A store with everything that a decorator passes on.</summary>
    public interface IEverything : IKeyValueStore, IRowRepair;

    /// <summary>Notes the methods that are called.</summary>
    public class Recorder : DispatchProxy
    {
        public List<MethodInfo> Called { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Called.Add(targetMethod!);
            Type answer = targetMethod!.ReturnType;
            return answer.IsValueType ? Activator.CreateInstance(answer) : null;
        }
    }
}
