using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace CurvatureActors.Cli.Tests;

/// <summary>
/// The members of TorchSharp that src/BannedSymbols.txt lists are used by no assembly of the program. The analyzer says so
/// where it happens; compound assignments (a += b) it does not see, and these are read from what was compiled.
/// </summary>
public sealed class HiddenScalarTests
{
    [Theory]
    [InlineData("CurvatureActors.Hessian.dll")]
    [InlineData("CurvatureActors.Training.dll")]
    [InlineData("CurvatureActors.Actors.dll")]
    [InlineData("curvature.dll")]
    public void Given_an_assembly_of_the_program_then_it_refers_to_no_member_that_makes_a_scalar_nobody_holds(string assembly)
    {
        HashSet<string> banned = [.. Banned()];

        Assert.DoesNotContain(References(Path.Combine(AppContext.BaseDirectory, assembly)), banned.Contains);
    }

    // This assembly does what is forbidden, so that the comparison is known to see it.
    [Fact]
    public void Given_this_assembly_then_its_compound_assignment_is_seen()
    {
        Assert.Contains(References(typeof(HiddenScalarTests).Assembly.Location), Banned().Contains);
        Assert.NotNull(AddTo);
    }

    private static readonly Func<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> AddTo = (sum, part) =>
    {
        sum += part;
        return sum;
    };

    private static ImmutableArray<string> Banned([CallerFilePath] string here = "") =>
    [
        .. File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src", "BannedSymbols.txt"))
            .Select(line => line[2..line.IndexOf(';', StringComparison.Ordinal)]),
    ];

    /// <summary>Methods of other assemblies that an assembly calls, as documentation comments name them.</summary>
    private static List<string> References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        var names = new Names();
        List<string> references = [];
        foreach (MemberReference member in reader.MemberReferences.Select(reader.GetMemberReference))
        {
            if (member.GetKind() == MemberReferenceKind.Method && member.Parent.Kind == HandleKind.TypeReference)
            {
                MethodSignature<string> signature = member.DecodeMethodSignature(names, null);
                string name = reader.GetString(member.Name);
                references.Add(
                    $"{names.GetTypeFromReference(reader, (TypeReferenceHandle)member.Parent, 0)}.{name}({string.Join(',', signature.ParameterTypes)})"
                    + (name is "op_Implicit" or "op_Explicit" ? $"~{signature.ReturnType}" : ""));
            }
        }

        return references;
    }

    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}.{name}"
                : $"{reader.GetString(type.Namespace)}.{name}";
        }

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType[..genericType.LastIndexOf('`')]}{{{string.Join(',', typeArguments)}}}";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => $"{elementType}@";

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"``{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"`{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;
    }
}
