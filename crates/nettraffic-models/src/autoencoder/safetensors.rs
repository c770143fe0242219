//! The trained numbers for other programs, as a safetensors file.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::dense::Dense;
use super::model::{Autoencoder, ColumnRange};
use super::network::Network;

/// The data begins at a multiple of this many bytes, so that readers can map it as numbers.
const ALIGNMENT: usize = 8;

impl Autoencoder {
    /// Writes weights and expectations in the format
    /// [safetensors](https://huggingface.co/docs/safetensors), which PyTorch, NumPy, JAX and others
    /// read: the length of the header, the header as JSON, then raw little-endian `f32`.
    ///
    /// | tensor | shape | what it is |
    /// |---|---|---|
    /// | `layers.0.weight`, `layers.1.weight`, … | `(outputs, inputs)` | weights as PyTorch's `Linear` lays them out |
    /// | `layers.0.bias`, `layers.1.bias`, … | `(outputs)` | |
    /// | `columns.lower`, `columns.upper` | `(columns)` | values and answers are clamped to these |
    /// | `columns.expected` | `(columns)` | [`expected_errors`](Self::expected_errors) |
    ///
    /// The activation between layers is a leaky ReLU of slope 0.01, after the last there is none.
    /// The score follows from these numbers as [`Autoencoder`] says. This is an export: to store a
    /// model and have it back, serialise it, which checks what it reads.
    ///
    /// # Errors
    /// Those of `writer`.
    pub fn to_safetensors(&self, mut writer: impl Write) -> io::Result<()> {
        let tensors = tensors(&self.network, &self.columns);
        let header = header(&tensors);
        writer.write_all(&(header.len() as u64).to_le_bytes())?;
        writer.write_all(header.as_bytes())?;
        for tensor in &tensors {
            let bytes: Vec<u8> = (tensor.values.iter())
                .flat_map(|value| value.to_le_bytes())
                .collect();
            writer.write_all(&bytes)?;
        }
        writer.flush()
    }
}

/// Numbers with a name and a shape, in row-major order.
struct Tensor {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

fn tensors(network: &Network, columns: &[ColumnRange]) -> Vec<Tensor> {
    let of_columns = |name: &str, value: fn(&ColumnRange) -> f32| Tensor {
        name: format!("columns.{name}"),
        shape: vec![columns.len()],
        values: columns.iter().map(value).collect(),
    };
    let layers = network.layers().iter().enumerate();
    layers
        .flat_map(|(index, layer)| {
            let weight = Tensor {
                name: format!("layers.{index}.weight"),
                shape: vec![layer.outputs(), layer.inputs()],
                values: transposed(layer),
            };
            let bias = Tensor {
                name: format!("layers.{index}.bias"),
                shape: vec![layer.outputs()],
                values: layer.bias().to_vec(),
            };
            [weight, bias]
        })
        .chain([
            of_columns("lower", |column| column.lower),
            of_columns("upper", |column| column.upper),
            of_columns("expected", |column| column.expected),
        ])
        .collect()
}

/// The weights, shape `(outputs, inputs)`.
fn transposed(layer: &Dense) -> Vec<f32> {
    (0..layer.outputs())
        .flat_map(|output| layer.weights().iter().skip(output).step_by(layer.outputs()))
        .copied()
        .collect()
}

/// One entry per tensor, each beginning where the one before ends. Names and shapes are our own:
/// none needs escaping.
fn header(tensors: &[Tensor]) -> String {
    let mut header =
        String::from(r#"{"__metadata__":{"model":"autoencoder","activation":"leaky_relu(0.01)"}"#);
    let mut begin = 0;
    for Tensor {
        name,
        shape,
        values,
    } in tensors
    {
        let end = begin + size_of_val(values.as_slice());
        // Writing to a string cannot fail.
        let _ = write!(
            header,
            r#","{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{begin},{end}]}}"#
        );
        begin = end;
    }
    header.push('}');
    // The format allows blanks at the end.
    let padded = header.len().next_multiple_of(ALIGNMENT);
    header.extend(std::iter::repeat_n(' ', padded - header.len()));
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    /// Two columns through one unit; every number is another one.
    fn model() -> Result<Autoencoder, String> {
        let dense = |inputs, weights: &[f32], bias: &[f32]| {
            Dense::new(inputs, weights.to_vec(), bias.to_vec()).ok_or("lengths that do not fit")
        };
        let range = |first: f32| ColumnRange {
            lower: first,
            upper: first + 1.0,
            expected: first + 2.0,
        };
        Ok(Autoencoder {
            network: Network::new(vec![
                dense(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[7.0, 8.0, 9.0])?,
                dense(3, &[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0], &[-7.0, -8.0])?,
            ])?,
            columns: vec![range(10.0), range(20.0)],
        })
    }

    fn parts(model: &Autoencoder) -> Result<(String, Vec<u8>), Box<dyn std::error::Error>> {
        let mut bytes = Vec::new();
        model.to_safetensors(&mut bytes)?;
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or("too short")?;
        let length = usize::try_from(u64::from_le_bytes(*length))?;
        let (header, data) = rest.split_at_checked(length).ok_or("too short")?;
        Ok((String::from_utf8(header.to_vec())?, data.to_vec()))
    }

    #[test]
    fn every_tensor_is_named_with_its_shape_and_place() -> TestResult {
        let (header, _) = parts(&model()?)?;
        let entries = [
            r#"{"__metadata__":{"model":"autoencoder","activation":"leaky_relu(0.01)"}"#,
            r#""layers.0.weight":{"dtype":"F32","shape":[3, 2],"data_offsets":[0,24]}"#,
            r#""layers.0.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}"#,
            r#""layers.1.weight":{"dtype":"F32","shape":[2, 3],"data_offsets":[36,60]}"#,
            r#""layers.1.bias":{"dtype":"F32","shape":[2],"data_offsets":[60,68]}"#,
            r#""columns.lower":{"dtype":"F32","shape":[2],"data_offsets":[68,76]}"#,
            r#""columns.upper":{"dtype":"F32","shape":[2],"data_offsets":[76,84]}"#,
            r#""columns.expected":{"dtype":"F32","shape":[2],"data_offsets":[84,92]}}"#,
        ];
        assert_eq!(header.trim_end_matches(' '), entries.join(","));
        assert_eq!(header.len() % ALIGNMENT, 0);
        Ok(())
    }

    #[test]
    fn the_data_are_the_numbers_without_a_gap_and_weights_lie_as_in_pytorch() -> TestResult {
        let (_, data) = parts(&model()?)?;
        let (values, rest) = data.as_chunks::<4>();
        let values: Vec<f32> = values
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect();
        let expected: [&[f32]; 7] = [
            &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0],
            &[7.0, 8.0, 9.0],
            &[-1.0, -3.0, -5.0, -2.0, -4.0, -6.0],
            &[-7.0, -8.0],
            &[10.0, 20.0],
            &[11.0, 21.0],
            &[12.0, 22.0],
        ];
        assert_eq!(values, expected.concat());
        assert!(rest.is_empty());
        Ok(())
    }

    #[test]
    fn a_full_disk_is_told() -> TestResult {
        let mut room = [0; 300];
        assert!(model()?.to_safetensors(&mut room[..]).is_err());
        Ok(())
    }
}
