using System.Collections.Frozen;
using Tarn.Core.Errors;

namespace Tarn.S3.Routing;

/// <summary>Finds the row of the operation table that a request matches. Allocates nothing when there is one.</summary>
internal sealed class OperationMatcher
{
    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "DELETE"];

    private readonly Row[][] _byMethodAndTarget = new Row[Methods.Length * 3][];
    private readonly string[] _allow = new string[3];
    private readonly FrozenSet<string>[] _implementedSubresources = new FrozenSet<string>[3];
    private readonly FrozenSet<string>[] _notImplementedSubresources = new FrozenSet<string>[3];
    private readonly S3Operation? _preflight;

    /// <param name="rows">The implemented operations.</param>
    /// <param name="notImplemented">S3's other operations.</param>
    public OperationMatcher(IReadOnlyList<S3Operation> rows, IReadOnlyList<S3Operation> notImplemented)
    {
        _preflight = rows.FirstOrDefault(row => row.Method == "OPTIONS");
        for (int i = 0; i < _byMethodAndTarget.Length; i++)
        {
            string method = Methods[i / 3];
            var target = (S3Target)(i % 3);
            _byMethodAndTarget[i] = [.. rows.Concat(notImplemented)
                .Where(row => row.Method == method && row.Target == target)
                .Select(row => new Row(row, !notImplemented.Contains(row)))
                .OrderByDescending(row => row.Weight)];
        }

        for (int i = 0; i < 3; i++)
        {
            int target = i;
            _allow[i] = string.Join(", ", Methods.Where((_, m) => _byMethodAndTarget[(m * 3) + target]
                .Any(row => row.Operation.Query.Length == 0 && row.Operation.Header is null)));
        }

        for (int i = 0; i < 3; i++)
        {
            var target = (S3Target)i;
            _implementedSubresources[i] = Subresources.Of(rows, target).ToFrozenSet();
            _notImplementedSubresources[i] = Subresources.Of(notImplemented, target).ToFrozenSet();
        }
    }

    public Resolution Resolve<THeaders>(string method, S3Target target, RequestQuery query, THeaders headers)
        where THeaders : struct, IHeaderPresence
    {
        int index = Array.IndexOf(Methods, method);
        if (index < 0)
        {
            // A preflight has the target of the request that it announces, sub-resource included.
            return method == "OPTIONS" && target != S3Target.Service && _preflight is not null ? new(_preflight, null) : Refused(target);
        }

        Row? best = null;
        foreach (Row row in _byMethodAndTarget[(index * 3) + (int)target])
        {
            if (row.Matches(query, headers))
            {
                best = row;
                break;
            }
        }

        // A request that names a sub-resource must never fall through to the plain operation: DELETE ?policy is not DeleteBucket.
        foreach (KeyValuePair<string, string> pair in query.Span)
        {
            if (best is { IsImplemented: true } && best.Requires(pair.Key))
            {
                continue;
            }

            if (_implementedSubresources[(int)target].Contains(pair.Key))
            {
                // For PUT ?uploadId without a part number the error is the missing parameter, not the method.
                return pair.Key == "uploadId" && method == "PUT" && target == S3Target.Object
                    ? new(null, S3Error.InvalidRequest, "Missing required parameter: partNumber.")
                    : method != "GET" && !query.Has("id") && RequiresId(index, target, pair.Key)
                    ? new(null, S3Error.InvalidRequest, "Missing required parameter: id.")
                    : Refused(target, pair.Key);
            }

            if (_notImplementedSubresources[(int)target].Contains(pair.Key))
            {
                return NotImplemented($"The sub-resource {pair.Key} is not implemented.");
            }
        }

        if (method == "PUT" && target == S3Target.Object && query.Has("partNumber") && !query.Has("uploadId"))
        {
            return new(null, S3Error.InvalidRequest, "Missing required parameter: uploadId.");
        }

        if (best is null)
        {
            return Refused(target);
        }

        return best.IsImplemented ? new(best.Operation, null) : NotImplemented($"The operation {best.Operation.Name} is not implemented.");
    }

    private bool RequiresId(int index, S3Target target, string subresource) =>
        Array.Exists(_byMethodAndTarget[(index * 3) + (int)target], row => row.Requires(subresource) && row.Requires("id"));

    private static Resolution NotImplemented(string message) => new(null, S3Error.NotImplemented, message);

    private Resolution Refused(S3Target target, string? subresource = null)
    {
        string allow = subresource is null
            ? _allow[(int)target]
            : string.Join(", ", Methods.Where((_, m) => _byMethodAndTarget[(m * 3) + (int)target].Any(row => row.Requires(subresource))));
        return new(null, S3Error.MethodNotAllowed, Allow: allow);
    }

    private sealed class Row
    {
        private readonly (string Name, string? Value)[] _query;

        public Row(S3Operation operation, bool isImplemented)
        {
            Operation = operation;
            IsImplemented = isImplemented;
            _query = [.. operation.Query.Select(q => q.Split('=', 2)).Select(q => (q[0], q.Length > 1 ? q[1] : null))];
            // A sub-resource takes precedence over a parameter with a value: ?versions&list-type=2 lists versions.
            Weight = _query.Sum(q => q.Value is null ? 4 : 2) + (operation.Header is null ? 0 : 1);
        }

        public S3Operation Operation { get; }

        /// <summary>Whether the operation is implemented.</summary>
        public bool IsImplemented { get; }

        public int Weight { get; }

        public bool Matches<THeaders>(RequestQuery query, THeaders headers)
            where THeaders : struct, IHeaderPresence
        {
            foreach ((string name, string? value) in _query)
            {
                if (!query.TryGet(name, out string? sent) || (value is not null && sent != value))
                {
                    return false;
                }
            }

            return Operation.Header is null || headers.Has(Operation.Header);
        }

        public bool Requires(string name)
        {
            foreach ((string demanded, _) in _query)
            {
                if (demanded == name)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
