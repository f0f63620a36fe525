using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Tarn.Tests.Architecture;

/// <summary>
/// Which folders of a project use which, read from the compiled assembly: signatures, attributes and every method body, those of lambdas,
/// iterators and asynchronous methods included. What the compiler inlines (constants, nameof) leaves no trace there.
/// </summary>
internal sealed class FolderGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, SortedSet<string>>> _arrows = new(StringComparer.Ordinal);

    /// <summary>The folders that hold a type, "" for the project's own.</summary>
    public IReadOnlyCollection<string> Folders => _arrows.Keys;

    /// <summary>Each dependency between folders once, with the types that cause it.</summary>
    public IEnumerable<(string From, string To, IReadOnlyCollection<string> Types)> Arrows =>
        _arrows.SelectMany(from => from.Value.Select(to => (from.Key, to.Key, (IReadOnlyCollection<string>)to.Value)));

    /// <param name="assembly">The path of the assembly.</param>
    /// <param name="root">The namespace that is the project's folder.</param>
    public static FolderGraph Read(string assembly, string root)
    {
        var graph = new FolderGraph();
        using DefaultAssemblyResolver resolver = Resolver();
        using ModuleDefinition module = ModuleDefinition.ReadModule(assembly, new ReaderParameters { AssemblyResolver = resolver });
        foreach (TypeDefinition type in module.GetTypes())
        {
            if (FolderOf(type, root) is { } from)
            {
                graph.Add(from);
                foreach (TypeReference used in Used(type).SelectMany(Parts))
                {
                    if (used.Scope == module && FolderOf(used, root) is { } to)
                    {
                        graph.Add(from, to, $"{Outermost(type).Name} uses {Outermost(used).Name}");
                    }
                }
            }
        }

        return graph;
    }

    public void Add(string folder) => _arrows.TryAdd(folder, new(StringComparer.Ordinal));

    public void Add(string from, string to, string types)
    {
        Add(from);
        Add(to);
        if (from == to)
        {
            return;
        }

        if (!_arrows[from].TryGetValue(to, out SortedSet<string>? all))
        {
            _arrows[from][to] = all = new SortedSet<string>(StringComparer.Ordinal);
        }

        all.Add(types);
    }

    /// <summary>The shortest circle through each folder that is part of one.</summary>
    public IEnumerable<string> Circles() => Folders.Select(Circle).OfType<string>();

    /// <summary>The same arrows between the project's own folders, each with all that is below it.</summary>
    public FolderGraph OfTopFolders()
    {
        var top = new FolderGraph();
        foreach ((string from, string to, IReadOnlyCollection<string> types) in Arrows)
        {
            foreach (string type in types)
            {
                top.Add(from.Split('/')[0], to.Split('/')[0], type);
            }
        }

        return top;
    }

    /// <summary>Finds the assemblies that the tests run with: an attribute's arguments cannot be read without their enumerations.</summary>
    private static DefaultAssemblyResolver Resolver()
    {
        var resolver = new DefaultAssemblyResolver();
        string all = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "";
        foreach (string directory in all.Split(Path.PathSeparator).Select(path => Path.GetDirectoryName(path) ?? "").Distinct())
        {
            resolver.AddSearchDirectory(directory);
        }

        return resolver;
    }

    private string? Circle(string start)
    {
        var before = new Dictionary<string, string>(StringComparer.Ordinal);
        var next = new Queue<string>([start]);
        while (next.TryDequeue(out string? at))
        {
            foreach (string to in _arrows[at].Keys)
            {
                if (to == start)
                {
                    return Way(at);
                }

                if (before.TryAdd(to, at))
                {
                    next.Enqueue(to);
                }
            }
        }

        return null;

        string Way(string last)
        {
            var way = new List<string> { start };
            for (string at = last; at != start; at = before[at])
            {
                way.Insert(0, at);
            }

            way.Insert(0, start);
            return string.Join(", ", way.Zip(way.Skip(1), (a, b) => $"{a} -> {b} ({_arrows[a][b].First()})"));
        }
    }

    private static IEnumerable<TypeReference?> Used(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(i => i.InterfaceType),
        .. Attributes(type),
        .. type.GenericParameters.SelectMany(Constraints),
        .. type.Fields.SelectMany(field => Attributes(field).Append(field.FieldType)),
        .. type.Properties.SelectMany(property => Attributes(property).Append(property.PropertyType)),
        .. type.Events.SelectMany(@event => Attributes(@event).Append(@event.EventType)),
        .. type.Methods.SelectMany(Used),
    ];

    private static IEnumerable<TypeReference?> Used(MethodDefinition method) =>
    [
        method.ReturnType,
        .. Attributes(method),
        .. method.Parameters.SelectMany(parameter => Attributes(parameter).Append(parameter.ParameterType)),
        .. method.GenericParameters.SelectMany(Constraints),
        .. method.HasBody ? Used(method.Body) : [],
    ];

    private static IEnumerable<TypeReference?> Used(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(static instruction => Used(instruction.Operand)),
    ];

    private static IEnumerable<TypeReference?> Used(object? operand) => operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        MethodReference method =>
        [
            method.DeclaringType,
            method.ReturnType,
            .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
        ],
        _ => [],
    };

    private static IEnumerable<TypeReference> Attributes(ICustomAttributeProvider provider) =>
        provider.CustomAttributes.SelectMany(attribute => attribute.ConstructorArguments
            .Select(argument => argument.Value).OfType<TypeReference>().Append(attribute.AttributeType));

    private static IEnumerable<TypeReference> Constraints(GenericParameter parameter) =>
        parameter.Constraints.Select(constraint => constraint.ConstraintType);

    /// <summary>The types that a type consists of: the list and T for <c>List&lt;T[]&gt;</c>.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Prepend(generic.ElementType),
        TypeSpecification special => Parts(special.ElementType),
        _ => [type],
    };

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    private static string? FolderOf(TypeReference type, string root)
    {
        string name = Outermost(type).Namespace;
        return name == root ? ""
            : name.StartsWith(root + ".", StringComparison.Ordinal) ? name[(root.Length + 1)..].Replace('.', '/')
            : null;
    }
}
