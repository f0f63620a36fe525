using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>Compiles the Condition element. Source: IAM User Guide, "IAM JSON policy elements: Condition".</summary>
internal static class ConditionCompiler
{
    /// <exception cref="S3Exception">MalformedPolicy, naming the operator, key or value.</exception>
    public static Condition[] Compile(PolicyNode node, TemplateCompiler templates, string where)
    {
        var conditions = new List<Condition>();
        foreach ((string operatorName, PolicyNode block) in ElementReader.Object(node, "Condition", where).Members)
        {
            if (!ConditionOperator.TryParse(operatorName, out ConditionOperator @operator))
            {
                throw PolicyRefusal.Because("Invalid Condition type", where, operatorName);
            }

            foreach ((string keyName, PolicyNode value) in ElementReader.Object(block, operatorName, where).Members)
            {
                if (!ConditionKeys.TryParse(keyName, out KeyReference key))
                {
                    throw PolicyRefusal.Because(PolicyRefusal.InvalidConditionKey, where, keyName);
                }

                string[] values = ElementReader.Texts(value, keyName, where, literals: true);
                if (key.Key == ConditionKey.CopySource)
                {
                    // AWS's examples write /bucket/key, and bucket/key as well; requests have the latter here.
                    values = Array.ConvertAll(values, static text => text.StartsWith('/') ? text[1..] : text);
                }

                conditions.Add(Compile(@operator, key, values, templates, where));
            }
        }

        return [.. conditions];
    }

    private static Condition Compile(ConditionOperator @operator, KeyReference key, string[] values, TemplateCompiler templates, string where)
    {
        var asks = new List<KeyReference> { key };
        long cost = 0;
        ConditionTest? test = @operator.Comparison switch
        {
            Comparison.Text => new TextTest(Templates(wildcards: false)),
            Comparison.TextIgnoringCase => new TextIgnoringCaseTest(Templates(wildcards: false)),
            Comparison.TextLike => new TextTest(Templates(wildcards: true)),
            Comparison.Number => Numbers((given, wanted) => given == wanted),
            Comparison.NumberLess => Numbers((given, wanted) => given < wanted),
            Comparison.NumberLessOrEqual => Numbers((given, wanted) => given <= wanted),
            Comparison.NumberGreater => Numbers((given, wanted) => given > wanted),
            Comparison.NumberGreaterOrEqual => Numbers((given, wanted) => given >= wanted),
            Comparison.Time => Times((given, wanted) => given == wanted),
            Comparison.TimeLess => Times((given, wanted) => given < wanted),
            Comparison.TimeLessOrEqual => Times((given, wanted) => given <= wanted),
            Comparison.TimeGreater => Times((given, wanted) => given > wanted),
            Comparison.TimeGreaterOrEqual => Times((given, wanted) => given >= wanted),
            Comparison.Flag => new ValueTest<bool>(
                Each(text => ConditionText.Flag(text) ?? throw Invalid(text)),
                static (value, index) => ConditionText.Flag(value.TextAt(index)),
                static (given, wanted) => given == wanted),
            Comparison.Bytes => new BytesTest(Each(text => ConditionText.Bytes(text) ?? throw Invalid(text))),
            Comparison.Address => new AddressTest(Each(text => AddressRange.TryParse(text, out AddressRange range) ? range : throw Invalid(text))),
            Comparison.Arn => new ArnTest(Each(Arn)),
            _ => null,
        };
        if (@operator.Comparison == Comparison.Absence)
        {
            Each(text => ConditionText.Flag(text) ?? throw Invalid(text));
        }

        return new Condition(@operator, key, values, test) { Asks = asks, Cost = cost };

        T[] Each<T>(Func<string, T> parse) => Array.ConvertAll(values, value => parse(value));

        Template[] Templates(bool wildcards) => Each(text => Template(text, wildcards));

        Template Template(string text, bool wildcards)
        {
            Template template = templates.Compile(text, wildcards, where);
            cost += template.Cost(Decisions.Template.MaxText);
            asks.AddRange(template.Variables.Select(variable => variable.Key));
            return template;
        }

        ValueTest<decimal> Numbers(Func<decimal, decimal, bool> fits) => new(
            Each(text => ConditionText.TryNumber(text, out decimal number) ? number : throw Invalid(text)),
            static (value, index) => value.NumberAt(index),
            fits);

        ValueTest<DateTimeOffset> Times(Func<DateTimeOffset, DateTimeOffset, bool> fits) => new(
            Each(text => ConditionText.TryTime(text, out DateTimeOffset time) ? time : throw Invalid(text)),
            static (value, index) => value.TimeAt(index),
            fits);

        Template[] Arn(string text)
        {
            List<string> parts = templates.SplitArn(text, ArnTest.Parts);
            return text == "*" || parts.Count == ArnTest.Parts
                ? [.. parts.Select(part => Template(part, wildcards: true))]
                : throw Invalid(text);
        }

        S3Exception Invalid(string text) => PolicyRefusal.Because("Policy has an invalid value in a condition", where, text);
    }
}
