using Tarn.Core.Errors;
using Tarn.S3.Forms;

namespace Tarn.Tests.Forms;

/// <summary>The key that a form names, for its upload and for the logs of one that was denied.</summary>
public sealed class FormFieldsTests
{
    [Theory]
    [InlineData("u/x", true)]
    [InlineData("", false)]
    [InlineData("a\0b", false)]
    [InlineData("\0", false)]
    public void A_key_is_found_if_an_object_can_have_it(string text, bool isKey) => Expect(text, isKey);

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void The_length_of_a_key_counts(int length, bool isKey) => Expect(new string('k', length), isKey);

    [Fact]
    public void A_form_without_a_key_has_none() => Assert.Null(new FormFields().FindKey());

    private static void Expect(string text, bool isKey)
    {
        var fields = new FormFields();
        fields.Add("Key", text);
        Assert.Equal(isKey ? text : null, fields.FindKey()?.ToString());
        if (isKey)
        {
            Assert.Equal(text, fields.Key().ToString());
        }
        else
        {
            Assert.Throws<S3Exception>(() => fields.Key());
        }
    }
}
